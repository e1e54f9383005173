"""A web page for served models: a back end over the client, and the page's own files."""
