"""`course serve`: an HTTP API and a page for a summariser.

`app.create_app` makes the whole service, `batching` answers waiting requests together,
`middleware` limits the size of requests and counts the answers, `page` is the Gradio
page, and `server.serve` loads the models and listens.

Nothing a user sends is logged or kept: chats are personal data.
"""
