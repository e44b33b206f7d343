"""The fault table: what comes of each fault of a back end, for the client, the log and the connection."""
