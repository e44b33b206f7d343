"""The GoToWebinar connector and a simulator of the API it calls."""
