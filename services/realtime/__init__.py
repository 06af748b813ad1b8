"""What reaches others at once: the websocket gateway, the feed of facts and its event stream.

Owns no stream; hears the facts of all services. The gateway (`serve gateway`) has no database; the feed
(`serve realtime`) keeps its own copy of the facts.
"""
