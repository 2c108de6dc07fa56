"""A local AWS and a local Entra ID, so that all of this project runs without a cloud account.

`entra/` and `cognito/` name the same roles alike: server, authorize_request, authorize, token_endpoint,
discovery, userinfo, sign_out, tokens, sessions, pages, errors. `web/` is what both do once.
"""

import os

# The local clouds are not behind the person's proxy, for this process and for all that it starts.
_named = os.environ.get("no_proxy") or os.environ.get("NO_PROXY", "")
_hosts = dict.fromkeys(filter(None, (*_named.split(","), "localhost", "127.0.0.1")))
WITHOUT_PROXY = dict.fromkeys(("NO_PROXY", "no_proxy"), ",".join(_hosts))
os.environ |= WITHOUT_PROXY
