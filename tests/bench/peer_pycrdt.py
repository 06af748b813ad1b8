"""The server of pycrdt-websocket under uvicorn, without a store; runs in an environment of its own."""

import asyncio

import uvicorn
from pycrdt.websocket import ASGIServer, WebsocketServer


async def main() -> None:
    rooms = WebsocketServer(auto_clean_rooms=False)
    config = uvicorn.Config(
        ASGIServer(rooms), host="127.0.0.1", port=0, log_level="error", ws="websockets-sansio", lifespan="off"
    )
    listening = config.bind_socket()
    print(listening.getsockname()[1], flush=True)
    async with rooms:
        await uvicorn.Server(config).serve([listening])


if __name__ == "__main__":
    asyncio.run(main())
