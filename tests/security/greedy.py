# SPDX-License-Identifier: Apache-2.0
"""A client that asks for a hash on each of many connections as fast as it is answered: greedy.py PORT ADDRESS CONNECTIONS PATH. A process
of its own, so that it slows its victim and not the test. Prints the statuses of the answers as JSON when its standard input closes."""

import asyncio
import collections
import json
import secrets
import sys


def request(path: str) -> bytes:
    email = f"greedy.{secrets.token_hex(6)}@example.com"
    body = {"email": email, "password": f"gerobak-lumbung-{secrets.token_hex(4)}"}
    if path.endswith("register"):
        body["name"] = "Greedy"
    text = json.dumps(body).encode()
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {len(text)}\r\n\r\n"
    return head.encode() + text


async def hog(port: int, address: str, path: str, answers: collections.Counter) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(address, 0))
    while True:
        writer.write(request(path))
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = next(int(line.split(":")[1]) for line in head.splitlines() if line.lower().startswith("content-length"))
        await reader.readexactly(length)
        status = int(head.split()[1])
        answers[status] += 1
        if status >= 429:
            await asyncio.sleep(1)  # as Retry-After says


async def main(port: int, address: str, connections: int, path: str) -> None:
    answers: collections.Counter = collections.Counter()
    tasks = [asyncio.create_task(hog(port, address, path, answers)) for _ in range(connections)]
    while sum(answers.values()) < 20:
        await asyncio.sleep(0.05)
    print("begun", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    for each in tasks:
        each.cancel()
    print(json.dumps(answers), flush=True)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4]))
