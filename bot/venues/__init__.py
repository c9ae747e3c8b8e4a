"""Where orders go. One Protocol, `venue.Venue`; one module a venue."""
