#!/usr/bin/python3
"""An SMTP server for tests, on a port of 127.0.0.1 that the kernel chooses.

    smtp_server.py FOLDER [starttls|smtps|554|421]

With starttls it offers that, and takes a sign-in (user "mailer", password "open sesame") behind it only;
with smtps it speaks TLS from the first byte; with a number it greets whoever comes with that, and hangs up. Its certificate, signed by itself, is FOLDER/certificate.pem.
Prints "PORT <number>" once it listens and ends when its standard input closes. How it treats the next
message is the first line of FOLDER/behave, which is then taken away: "421" (has no time for the recipient
now), "451" (try later, after DATA),
"550" (refuses the recipient), "hang" (says nothing more to the recipient), "drop" (takes the message and drops the connection instead of
answering), "ok". Without a line it is "ok".

Each DATA is written as FOLDER/<number>.<treatment>.txt, decoded by Python's own e-mail package:
"Name: value" lines, an empty line and the body.
"""

import asyncio
import email
import email.policy
import os
import ssl
import subprocess
import sys

from aiosmtpd.smtp import SMTP, AuthResult


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

    def write(self, encrypted, envelope, treatment):
        message = email.message_from_bytes(envelope.original_content, policy=email.policy.default)
        self.count += 1
        path = os.path.join(self.folder, f"{self.count}.{treatment}.txt")
        with open(path + ".new", "w", encoding="utf-8") as file:
            file.write(f"Envelope-From: {envelope.mail_from}\n")
            file.write(f"Envelope-To: {' '.join(envelope.rcpt_tos)}\n")
            file.write(f"Encrypted: {'yes' if encrypted else 'no'}\n")
            file.write(f"Defects: {len(message.defects)}\n")
            for name in ("Message-ID", "From", "To", "Subject", "Date", "Content-Language"):
                file.write(f"{name}: {message[name]}\n")
            file.write("\n" + message.get_content().replace("\r\n", "\n"))
        os.rename(path + ".new", path)

    async def handle_RCPT(self, server, session, envelope, address, options):
        session.treatment = self.next_treatment()
        if session.treatment == "421":
            return "421 4.3.2 closing"
        if session.treatment == "550":
            return "550 5.1.1 no such mailbox"
        if session.treatment == "hang":
            await asyncio.Event().wait()
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        encrypted = server.transport.get_extra_info("sslcontext") is not None
        self.write(encrypted, envelope, session.treatment)
        if session.treatment == "451":
            return "451 4.3.0 try again later"
        if session.treatment == "drop":
            server.transport.abort()
        return "250 OK"


def certified(folder):
    certificate, key = os.path.join(folder, "certificate.pem"), os.path.join(folder, "key.pem")
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=127.0.0.1"
    subprocess.run(
        [*command.split(), "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate],
        check=True,
        capture_output=True,
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    return context


def sign_in(server, session, envelope, mechanism, data):
    return AuthResult(success=(data.login, data.password) == (b"mailer", b"open sesame"), handled=False)


class NotNow(asyncio.Protocol):
    def __init__(self, code):
        self.code = code

    def connection_made(self, transport):
        transport.write(f"{self.code} not now\r\n".encode())
        transport.close()


async def main():
    folder, mode = sys.argv[1], "".join(sys.argv[2:])
    loop = asyncio.get_running_loop()
    options = {"hostname": "localhost"}
    tls = certified(folder) if mode in ("starttls", "smtps") else None
    if mode == "starttls":
        options |= {"tls_context": tls, "authenticator": sign_in}
    handler = Handler(folder)
    server = await loop.create_server(
        lambda: NotNow(mode) if mode.isdigit() else SMTP(handler, **options), "127.0.0.1", 0, ssl=tls if mode == "smtps" else None
    )
    print("PORT", server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


asyncio.run(main())
