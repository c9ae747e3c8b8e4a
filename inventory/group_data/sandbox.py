"""Throwaway hosts on this machine: the release is whatever the working tree holds, secrets are random."""

release_source = "worktree"
secrets_file = "inventory/secrets/sandbox.env"
secrets_generate = True
min_free_disk_mib = 512
