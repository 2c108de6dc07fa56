"""The form of the secrets that this project makes, as plugins of detect-secrets."""

import re

from detect_secrets.plugins.base import RegexBasedDetector


class EntraClientSecret(RegexBasedDetector):
    """Microsoft Purview, "Azure AD client secret": three characters, a digit, `Q~`, and 31 to 34 more."""

    secret_type = "Entra client secret"  # noqa: S105 - the name of the form
    denylist = (re.compile(r"(?<![\w.~-])[\w.~-]{3}\dQ~[\w.~-]{31,34}(?![\w.~-])"),)


class CognitoClientSecret(RegexBasedDetector):
    """What Cognito makes for an app client: about 51 small letters and digits."""

    secret_type = "Cognito app client secret"  # noqa: S105 - the name of the form
    denylist = (re.compile(r"(?<!\w)(?=[a-z]*\d)(?=\d*[a-z])[0-9a-z]{50,53}(?!\w)"),)
