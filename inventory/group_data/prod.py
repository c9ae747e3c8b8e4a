"""The desk's hosts. The release is the tag at HEAD, or the one named with --data release=vX.Y.Z."""

release_source = "tag"
secrets_file = "inventory/secrets/prod.env"

# Who hears of alarms: webhook, slack, pagerduty (critical only), discord. Each needs its secret in the file above;
# a channel without one is left out with a warning, and without any channel nothing is deployed.
alert_channels = ["slack", "pagerduty"]
slack_channel = "#mm-bot"

# For the channel webhook: where Alertmanager posts, with the secret alert_webhook_token as bearer token.
alert_webhook_url = ""

# Where people read this repository, so that a message links to its runbook; empty: the message names the file.
runbook_base_url = ""

# Grafana on loopback, port 3000 (`ssh -L 3000:127.0.0.1:3000 HOST`), or for everybody with grafana_address and a
# certificate of the host's in grafana_tls_cert and grafana_tls_key. It needs two more secrets in the file above:
# grafana_admin_password, and grafana_secret_key (openssl rand -hex 32).
grafana = True

# One nftables table that keeps other machines from our ports; Debian's own rules stay untouched. firewall_from names
# the networks that may reach what a setting opened, such as Grafana with a grafana_address.
firewall = "nftables"

# Where the log goes: "loki" on the host, brought there by Promtail, or by log_shipper = "alloy"; "embedded" is our own
# store, which needs nothing from outside Debian; "remote" is a Loki elsewhere, at loki_url.
log_store = "loki"

# Where Loki and its shipper come from: the vendor's apt repository ("vendor"), release archives in a folder or on a
# mirror ("archive", with artifacts = "DIR" or a URL), or already on the host ("present").
install_source = "vendor"
