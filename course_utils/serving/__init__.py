"""`course serve`: an HTTP API and a page for a summariser.

`app.create_app` is the whole service, `batching` answers requests that wait together,
`middleware` bounds what comes in and counts what goes out, `page` is the Gradio page,
and `run.serve` loads the models and listens.

Nothing a user sends is logged or kept: chats are personal data.
"""
