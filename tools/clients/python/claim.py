"""One claim from the order to the refund, through Makegood's generated Python stubs.

claim.py SERVER PHOTO [RUN]: RUN names this run's order and requests; a new one by default. Prints each
step; exits 1 with a sentence where something is not as promised. Started by tools/clients/run python.
"""
import functools
import hashlib
import itertools
import pathlib
import random
import sys
import time
import uuid

import grpc
from google.protobuf import timestamp_pb2
from google.rpc import error_details_pb2, status_pb2
from makegood.base.v1 import command_pb2, money_pb2, terms_pb2, test_clock_pb2, test_clock_pb2_grpc
from makegood.claims.v1 import claims_pb2, claims_service_pb2, claims_service_pb2_grpc
from makegood.orders.v1 import orders_pb2, orders_service_pb2, orders_service_pb2_grpc
from makegood.orders.v1 import timeline_service_pb2, timeline_service_pb2_grpc
from makegood.payments.v1 import payments_pb2, payments_service_pb2, payments_service_pb2_grpc

# Who calls, in the metadata of each call: one role, the caller's own id, the store of store people.
SYSTEM = (("makegood-role", "service"), ("makegood-actor", "marketplace"))
EMPLOYEE = (("makegood-role", "store_employee"), ("makegood-actor", "employee-1001"), ("makegood-store", "m-1001"))
COURIER = (("makegood-role", "courier"), ("makegood-actor", "courier-1001"))
CUSTOMER = (("makegood-role", "customer"), ("makegood-actor", "c-1001"))
OPERATIONS = (("makegood-role", "operations"), ("makegood-actor", "op-1001"))

DEADLINE = 20.0  # seconds, for every single attempt
PATIENCE = 60.0  # seconds, after which a call is not tried again
# A channel has a back-off of its own, up to two minutes, in which every attempt fails.
CHANNEL_OPTIONS = (("grpc.initial_reconnect_backoff_ms", 100), ("grpc.max_reconnect_backoff_ms", 2000))
# After these nobody knows whether the command was done, or it was not begun: send the same again.
RETRIED = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.RESOURCE_EXHAUSTED)
PRICE = 19900  # fen


def retrying(attempt):
    """attempt(**options) again while its outcome is open; the request, and so its request_id, stays."""
    give_up = time.monotonic() + PATIENCE
    for number in itertools.count():
        try:
            # Further attempts wait for the connection: without a call nobody looks after it for seconds.
            return attempt(timeout=DEADLINE, wait_for_ready=number > 0)
        except grpc.RpcError as error:
            if error.code() not in RETRIED or time.monotonic() > give_up:
                raise
            pause = min(0.1 * 2 ** number, 1.0) * random.uniform(1, 2)
            print(f"   {error.code().name}: the same request again in {pause * 1000:.0f} ms")
            time.sleep(pause)


def call(method, request, actor):
    return retrying(functools.partial(method, request, metadata=actor))


def explain(error):
    """A refusal's rule ID and wrong fields, from its google.rpc.Status in grpc-status-details-bin."""
    rule, fields = "", {}
    packed = dict(error.trailing_metadata() or ()).get("grpc-status-details-bin", b"")
    for detail in status_pb2.Status.FromString(packed).details:
        info, bad_request = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
        if detail.Unpack(info) and info.domain == "makegood":
            rule = info.reason
        elif detail.Unpack(bad_request):
            fields = {violation.field: violation.description for violation in bad_request.field_violations}
    return rule, fields


def refused(method, request, actor):
    """Makes a call that must be refused, says why it was, and returns the rule and the fields."""
    try:
        call(method, request, actor)
    except grpc.RpcError as error:
        rule, fields = explain(error)
        print(f"   refused, {error.code().name}" + (f" by rule {rule}" if rule else "") + f"\n     {error.details()}")
        for field, description in fields.items():
            print(f"     field {field}: {description}")
        return rule, fields
    sys.exit(f"not as promised: {method} was not refused")


def wait_until(what, look):
    """What another service does with an event comes a moment later: looks again, ever more rarely."""
    for number in range(12):
        found = look()
        if found:
            print(what)
            return found
        time.sleep(min(0.02 * 2 ** number, 2.0))
    sys.exit(f"not as promised: {what}")


def promise(kept, what):
    if not kept:
        sys.exit(f"not as promised: {what}")
    print(what)


class Client:
    """The stubs of one server, and the names of this run's order and requests."""

    def __init__(self, server, run):
        channel = grpc.insecure_channel(server, options=CHANNEL_OPTIONS)
        self.orders = orders_service_pb2_grpc.OrdersServiceStub(channel)
        self.timelines = timeline_service_pb2_grpc.TimelineServiceStub(channel)
        self.claims = claims_service_pb2_grpc.ClaimsServiceStub(channel)
        self.payments = payments_service_pb2_grpc.PaymentsServiceStub(channel)
        self.clock = test_clock_pb2_grpc.TestClockServiceStub(channel)
        self.run = run
        self.order_id = f"order-{run}"

    def command(self, intention, **more):
        # One request_id per intention. A program that may die in between stores it before it sends.
        return command_pb2.Command(request_id=f"{self.run}-{intention}", **more)

    def claim(self, claim_id):
        return call(self.claims.GetClaim, claims_service_pb2.GetClaimRequest(claim_id=claim_id), CUSTOMER)

    def advance(self, to_time):
        # AdvanceTime has no request_id. Sent again after a lost answer, it may find that the clock is there or
        # further, and be refused, for the clock only goes forward: what was wanted is so already.
        try:
            return call(self.clock.AdvanceTime, test_clock_pb2.AdvanceTimeRequest(to_time=to_time), OPERATIONS).time
        except grpc.RpcError as error:
            if error.code() != grpc.StatusCode.FAILED_PRECONDITION:
                raise
        return call(self.clock.GetTime, test_clock_pb2.GetTimeRequest(), OPERATIONS).time


def deliver_an_order(client):
    teapot = orders_service_pb2.NewOrderLine(
        line_id="1", sku="TEAPOT", quantity=1, vat_basis_points=1300,
        unit_price=money_pb2.Money(amount_minor=PRICE, currency="CNY"))
    order = call(client.orders.CreateOrder, orders_service_pb2.CreateOrderRequest(
        command=client.command("create"), order=orders_service_pb2.NewOrder(
            order_id=client.order_id, marketplace="tmall", merchant_id="m-1001", customer_id="c-1001", language="en",
            payment_method=terms_pb2.PAYMENT_METHOD_PREPAID, currency="CNY", lines=[teapot])), SYSTEM)
    promise(order.state == orders_pb2.Order.STATE_BLOCKED, f"{client.order_id} is created, BLOCKED until it is paid")
    call(client.payments.RecordPayment, payments_service_pb2.RecordPaymentRequest(
        command=client.command("pay"), order_id=client.order_id, amount=order.total, reference=f"card-{client.run}",
        destination=payments_pb2.Payment.DESTINATION_STORE_ACCOUNT), SYSTEM)
    get_order = orders_service_pb2.GetOrderRequest(order_id=client.order_id)
    wait_until("paid, it is OPEN",
               lambda: call(client.orders.GetOrder, get_order, SYSTEM).state == orders_pb2.Order.STATE_OPEN)
    order = call(client.orders.HandOver, orders_service_pb2.HandOverRequest(
        command=client.command("ship"), order_id=client.order_id, carrier="Carrier", courier_id="courier-1001"),
        EMPLOYEE)
    arrival = client.advance(timestamp_pb2.Timestamp(seconds=order.handover_time.seconds + 2 * 24 * 3600))
    order = call(client.orders.RecordDelivery, orders_service_pb2.RecordDeliveryRequest(
        command=client.command("deliver"), order_id=client.order_id, delivered_time=arrival), COURIER)
    promise(order.state == orders_pb2.Order.STATE_DELIVERED, f"it is DELIVERED at {arrival.ToJsonString()}")


def open_a_claim(client):
    request = claims_service_pb2.OpenClaimRequest(
        command=client.command("claim"), order_id=client.order_id, kind=terms_pb2.CLAIM_KIND_DAMAGED,
        units=[claims_pb2.ClaimedUnits(line_id="1", quantity=1)])
    claim = call(client.claims.OpenClaim, request, CUSTOMER)
    promise(claim.state == claims_pb2.Claim.STATE_AWAITING_EVIDENCE, f"claim {claim.claim_id} waits for evidence")
    again = call(client.claims.OpenClaim, request, CUSTOMER)
    list_claims = claims_service_pb2.ListClaimsRequest(order_id=client.order_id)
    count = len(call(client.claims.ListClaims, list_claims, OPERATIONS).claims)
    promise(again == claim and count == 1, "the same request again: the first reply, and still one claim (SYS-02)")

    request.command.CopyFrom(client.command("claim-again"))
    rule, _ = refused(client.claims.OpenClaim, request, CUSTOMER)
    promise(rule == "CLM-01", "the same unit cannot be claimed twice")
    request.units[0].quantity = 0
    _, fields = refused(client.claims.OpenClaim, request, CUSTOMER)
    promise("units[0].quantity" in fields, "none of it cannot be claimed")
    return claim.claim_id


def submit_evidence(client, claim_id, photo):
    content = photo.read_bytes()

    def pieces():
        yield claims_service_pb2.UploadEvidenceRequest(header=claims_service_pb2.EvidenceHeader(
            command=client.command("photo"), claim_id=claim_id, size_bytes=len(content),
            sha256=hashlib.sha256(content).hexdigest()))
        for start in range(0, len(content), 65536):
            yield claims_service_pb2.UploadEvidenceRequest(chunk=content[start:start + 65536])

    claim = retrying(lambda **options: client.claims.UploadEvidence(pieces(), metadata=CUSTOMER, **options))
    stored = claim.evidence[0]
    promise(stored.size_bytes == len(content),
            f"{photo.name} is stored: {stored.content_type}, {stored.size_bytes} bytes")
    claim = call(client.claims.SubmitEvidence, claims_service_pb2.SubmitEvidenceRequest(
        command=client.command("submit"), claim_id=claim_id), CUSTOMER)
    promise(claim.state == claims_pb2.Claim.STATE_VERIFYING, "the evidence is complete, the verdict is due from "
            f"{claim.window_open_time.ToJsonString()} to {claim.window_due_time.ToJsonString()}")
    return claim


def await_the_verdict(client, claim):
    print(f"the test clock moves to {client.advance(claim.window_open_time).ToJsonString()}")
    # The timeline streams each entry as it comes; the claim itself says what is true.
    timeline = client.timelines.StreamTimeline(
        timeline_service_pb2.StreamTimelineRequest(order_id=client.order_id), metadata=CUSTOMER, timeout=DEADLINE)
    # Operations decides on the version it looked at: ABORTED, should the claim have moved on (SYS-04).
    call(client.claims.ApproveClaim, claims_service_pb2.ApproveClaimRequest(
        command=client.command("approve", expected_version=claim.version), claim_id=claim.claim_id), OPERATIONS)
    print("the customer's timeline:")
    for entry in timeline:
        print(f"   {entry.time.ToJsonString()}  {entry.text}")
        claim = client.claim(claim.claim_id)
        decided = claim.state != claims_pb2.Claim.STATE_VERIFYING
        if decided and entry.time.ToNanoseconds() >= claim.decision_time.ToNanoseconds():
            break
    timeline.cancel()
    promise(claim.state == claims_pb2.Claim.STATE_APPROVED and not claim.early, "the verdict: APPROVED")


def take_the_refund(client, claim_id):
    call(client.claims.ChooseResolution, claims_service_pb2.ChooseResolutionRequest(
        command=client.command("refund"), claim_id=claim_id, resolution=terms_pb2.RESOLUTION_KIND_REFUND), CUSTOMER)
    ours = payments_service_pb2.ListRefundsRequest(order_id=client.order_id, customer_id="c-1001")
    refund = wait_until("a refund follows", lambda: call(client.payments.ListRefunds, ours, CUSTOMER).refunds)[0]
    promise(refund.amount.amount_minor == PRICE and refund.state == payments_pb2.Refund.STATE_PENDING,
            f"{refund.refund_id}: {refund.amount.amount_minor / 100:.2f} {refund.amount.currency}, PENDING")
    call(client.payments.SettleRefund, payments_service_pb2.SettleRefundRequest(
        command=client.command("settle"), refund_id=refund.refund_id, provider_reference=f"bank-{client.run}"),
        OPERATIONS)
    get_refund = payments_service_pb2.GetRefundRequest(refund_id=refund.refund_id)
    refund = call(client.payments.GetRefund, get_refund, CUSTOMER)
    promise(refund.state == payments_pb2.Refund.STATE_SETTLED, "Operations paid it: SETTLED")
    wait_until("the claim is RESOLVED", lambda: client.claim(claim_id).state == claims_pb2.Claim.STATE_RESOLVED)


def main(server, photo, run=""):
    client = Client(server, run or uuid.uuid4().hex[:12])
    deliver_an_order(client)
    claim_id = open_a_claim(client)
    claim = submit_evidence(client, claim_id, pathlib.Path(photo))
    await_the_verdict(client, claim)
    take_the_refund(client, claim_id)
    print("all as promised")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except grpc.RpcError as failure:
        sys.exit(f"{failure.code().name}: {failure.details()}")
