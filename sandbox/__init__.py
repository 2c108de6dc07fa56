"""A local AWS and a local Entra ID, so that all of this project runs without a cloud account.

`entra/` and `cognito/` name the same roles alike: server, authorize_request, authorize, token_endpoint,
discovery, userinfo, sign_out, tokens, sessions, pages, errors. `web/` is what both do once.
"""
