"""A client that shares no code with the server: decodes the google.rpc details of a refusal and of
bad input, and asks reflection for the services.

decode_details.py PORT SOURCE_FOLDER; exits 1 with a sentence where something is not as promised.
"""
import pathlib
import subprocess
import sys
import tempfile

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

DETAILS = "grpc-status-details-bin"
BOXES = "/makegood.testing.v1.BoxService/FillBox"
CALLER = (("makegood-role", "operations"), ("makegood-actor", "op-1"))


def message_classes(source):
    """Every message of the protos, from descriptors as protoc writes them."""
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "set"
        subprocess.run(
            ["protoc", f"-I{source}/protos", f"-I{source}/tests", f"-I{source}/build/google", "--include_imports",
             f"--descriptor_set_out={out}", "support/box.proto", "google/rpc/status.proto",
             "google/rpc/error_details.proto"], check=True, timeout=60)
        files = descriptor_pb2.FileDescriptorSet.FromString(out.read_bytes())
    pool = descriptor_pool.DescriptorPool()
    for file in files.file:
        pool.Add(file)
    factory = message_factory.MessageFactory(pool)
    return lambda name: factory.GetPrototype(pool.FindMessageTypeByName(name))


def refused(channel, request):
    """The error that the call ends in."""
    call = channel.unary_unary(BOXES, request_serializer=lambda message: message.SerializeToString(),
                               response_deserializer=bytes)
    try:
        call(request, metadata=CALLER, timeout=20)
    except grpc.RpcError as error:
        return error
    sys.exit("the call was not refused")


def details(error, message):
    """What grpc-status-details-bin holds, by type name."""
    rich = message("google.rpc.Status").FromString(dict(error.trailing_metadata())[DETAILS])
    if rich.code != error.code().value[0] or rich.message != error.details():
        sys.exit("the details disagree with the status")
    found = {}
    for packed in rich.details:
        name = packed.type_url.split("/")[-1]
        found[name] = message(name).FromString(packed.value)
    return found


def expect(what, got, wanted):
    if got != wanted:
        sys.exit(f"{what}: got {got!r}, wanted {wanted!r}")


def reflected(channel, request):
    """What reflection answers to a request, as bytes."""
    listing = channel.stream_stream("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
                                    request_serializer=bytes, response_deserializer=bytes)
    return next(iter(listing(iter([request]), timeout=20)))


def main():
    port, source = sys.argv[1:]
    message = message_classes(source)
    channel = grpc.insecure_channel(f"127.0.0.1:{port}")
    fill = message("makegood.testing.v1.FillBoxRequest")

    full = fill(command={"request_id": "python-1"}, box_id="box-1", amount=101)
    error = refused(channel, full)
    expect("code", error.code(), grpc.StatusCode.FAILED_PRECONDITION)
    info = details(error, message)["google.rpc.ErrorInfo"]
    expect("reason", (info.reason, info.domain), ("ORD-12", "makegood"))

    error = refused(channel, fill(box_id="box 1"))
    expect("code", error.code(), grpc.StatusCode.INVALID_ARGUMENT)
    bad = details(error, message)["google.rpc.BadRequest"]
    fields = {violation.field for violation in bad.field_violations if violation.description}
    expect("fields", fields, {"command", "box_id", "amount"})

    boxes, health = b"makegood.testing.v1.BoxService", b"grpc.health.v1.Health"
    answer = reflected(channel, b"\x3a\x01*")  # list_services: "*"
    for name in (boxes, health):
        expect(f"reflection lists {name.decode()}", name in answer, True)
    # What a service's file imports comes along, Google's too.
    for name, part in ((health, b"HealthCheckRequest"), (boxes, b"google/api/field_behavior.proto"),
                       (boxes, b"FIELD_BEHAVIOR_UNSPECIFIED")):
        answer = reflected(channel, b"\x22" + bytes([len(name)]) + name)  # file_containing_symbol
        expect(f"reflection describes {name.decode()} with {part.decode()}", part in answer, True)
    channel.close()


if __name__ == "__main__":
    main()
