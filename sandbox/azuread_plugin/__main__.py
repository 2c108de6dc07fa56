"""The plugin's entry point: started by Terraform, or with `-debug` to serve many runs of Terraform."""

import sys

from sandbox.azuread_plugin.serve import serve, serve_many

if "-debug" in sys.argv[1:]:
    serve_many()
else:
    serve()
