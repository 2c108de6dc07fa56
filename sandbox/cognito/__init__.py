"""A strict local sign-in domain of Amazon Cognito, in front of the user pools that MiniStack holds.

The API that makes pools, clients and providers stays MiniStack's own. What a browser and an app meet at
`https://<prefix>.auth.<region>.amazoncognito.com` is served here, and refuses what AWS refuses. The pages
named in the docstrings are those of the developer guide,
https://docs.aws.amazon.com/cognito/latest/developerguide/<page>.html, and of the API reference,
https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/<page>.html.
"""
