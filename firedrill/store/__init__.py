"""Where the logs are asked: one interface over the bot's own files and over Loki, and the ruler on top."""
