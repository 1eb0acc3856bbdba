#!/usr/bin/python3
"""An SMTP server for tests, on a port of 127.0.0.1 that the kernel chooses.

    smtp_server.py FOLDER

Prints "PORT <number>" once it listens and ends when its standard input closes. How it treats the next
message is the first line of FOLDER/behave, which is then taken away: "451" (try later, after DATA),
"550" (refuses the recipient), "drop" (takes the message and drops the connection instead of
answering), "ok". Without a line it is "ok".

Each DATA is written as FOLDER/<number>.<treatment>.txt, decoded by Python's own e-mail package:
"Name: value" lines, an empty line and the body.
"""

import asyncio
import email
import email.policy
import os
import sys

from aiosmtpd.smtp import SMTP


class Handler:
    def __init__(self, folder):
        self.folder = folder
        self.count = 0

    def next_treatment(self):
        path = os.path.join(self.folder, "behave")
        try:
            with open(path, encoding="utf-8") as file:
                lines = file.read().split()
        except FileNotFoundError:
            return "ok"
        with open(path, "w", encoding="utf-8") as file:
            file.write("\n".join(lines[1:]))
        return lines[0] if lines else "ok"

    def write(self, envelope, treatment):
        message = email.message_from_bytes(envelope.original_content, policy=email.policy.default)
        self.count += 1
        path = os.path.join(self.folder, f"{self.count}.{treatment}.txt")
        with open(path + ".new", "w", encoding="utf-8") as file:
            file.write(f"Envelope-From: {envelope.mail_from}\n")
            file.write(f"Envelope-To: {' '.join(envelope.rcpt_tos)}\n")
            file.write(f"Defects: {len(message.defects)}\n")
            for name in ("Message-ID", "From", "To", "Subject", "Date", "Content-Language"):
                file.write(f"{name}: {message[name]}\n")
            file.write("\n" + message.get_content().replace("\r\n", "\n"))
        os.rename(path + ".new", path)

    async def handle_RCPT(self, server, session, envelope, address, options):
        session.treatment = self.next_treatment()
        if session.treatment == "550":
            return "550 5.1.1 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.write(envelope, session.treatment)
        if session.treatment == "451":
            return "451 4.3.0 try again later"
        if session.treatment == "drop":
            server.transport.abort()
        return "250 OK"


async def main():
    loop = asyncio.get_running_loop()
    handler = Handler(sys.argv[1])
    server = await loop.create_server(lambda: SMTP(handler, hostname="localhost"), "127.0.0.1", 0)
    print("PORT", server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


asyncio.run(main())
