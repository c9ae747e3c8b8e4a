"""The desk's hosts. The release is the tag at HEAD, or the one named with --data release=vX.Y.Z."""

release_source = "tag"
secrets_file = "inventory/secrets/prod.env"

# Where Alertmanager posts; its bearer token is the secret alert_webhook_token.
alert_webhook_url = ""
