"""The plugin's entry point, as Terraform starts it."""

from sandbox.azuread_plugin.start import begin_certificate, require_terraform

require_terraform()
finish_certificate = begin_certificate()

from sandbox.azuread_plugin.serve import serve  # noqa: E402 - loads gRPC while the certificate is made

serve(finish_certificate)
