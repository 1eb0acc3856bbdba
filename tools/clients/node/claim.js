// One claim from the order to the refund, through stubs that @grpc/proto-loader makes of Makegood's
// protos at run time.
//
// claim.js SERVER PHOTO [RUN]: RUN names this run's order and requests; a new one by default. Prints each
// step; exits 1 with a sentence where something is not as promised. Started by tools/clients/run node.
'use strict';
const crypto = require('crypto');
const fs = require('fs');
const path = require('path');
const { setTimeout: sleep } = require('timers/promises');
const { isDeepStrictEqual } = require('util');
const grpc = require('@grpc/grpc-js');
const protoLoader = require('@grpc/proto-loader');
const protobuf = require('protobufjs');

const PROTOS = path.join(__dirname, '../../../protos');
const GOOGLE = path.join(__dirname, '../../../build/google'); // google/api and google/rpc (protos/google.cmake)
const DEADLINE_MS = 20000; // for every single attempt
const PATIENCE_MS = 60000; // after which a call is not tried again
// A channel has a back-off of its own, up to two minutes, in which every attempt fails.
const CHANNEL_OPTIONS = { 'grpc.initial_reconnect_backoff_ms': 100, 'grpc.max_reconnect_backoff_ms': 2000 };
// After these nobody knows whether the command was done, or it was not begun: send the same again.
const RETRIED = [grpc.status.UNAVAILABLE, grpc.status.DEADLINE_EXCEEDED, grpc.status.RESOURCE_EXHAUSTED];
const PRICE = 19900; // fen

const packages = grpc.loadPackageDefinition(protoLoader.loadSync(
  ['base/v1/test_clock', 'claims/v1/claims_service', 'orders/v1/orders_service', 'orders/v1/timeline_service',
    'payments/v1/payments_service']
    .map((file) => `makegood/${file}.proto`),
  { includeDirs: [PROTOS, GOOGLE], keepCase: true, longs: String, enums: String, defaults: true })).makegood;
const google = new protobuf.Root();
google.resolvePath = (from, file) => protobuf.common.get(file) ? file : path.join(GOOGLE, file);
google.loadSync(['google/rpc/status.proto', 'google/rpc/error_details.proto']);

// Who calls, in the metadata of each call: one role, the caller's own id, the store of store people.
function actor(role, id, store) {
  const metadata = new grpc.Metadata();
  metadata.set('makegood-role', role);
  metadata.set('makegood-actor', id);
  if (store) metadata.set('makegood-store', store);
  return metadata;
}
const SYSTEM = actor('service', 'marketplace');
const EMPLOYEE = actor('store_employee', 'employee-1001', 'm-1001');
const COURIER = actor('courier', 'courier-1001');
const CUSTOMER = actor('customer', 'c-1001');
const OPERATIONS = actor('operations', 'op-1001');

// attempt(options) again while its outcome is open; the request, and so its request_id, stays the same.
async function retrying(attempt) {
  const giveUp = performance.now() + PATIENCE_MS;
  for (let number = 0; ; number++) {
    try {
      return await attempt({ deadline: Date.now() + DEADLINE_MS });
    } catch (error) {
      if (!RETRIED.includes(error.code) || performance.now() > giveUp) throw error;
      const pause = Math.min(100 * 2 ** number, 1000) * (1 + Math.random());
      console.log(`   ${grpc.status[error.code]}: the same request again in ${pause.toFixed(0)} ms`);
      await sleep(pause);
    }
  }
}

function call(stub, method, request, who) {
  return retrying((options) => new Promise((resolve, reject) => {
    stub[method](request, who, options, (error, reply) => error ? reject(error) : resolve(reply));
  }));
}

// A refusal's rule ID and wrong fields, from its google.rpc.Status in grpc-status-details-bin.
function explain(error) {
  let rule = '';
  const fields = {};
  const [packed] = error.metadata.get('grpc-status-details-bin');
  for (const { type_url: url, value } of packed ? google.lookupType('google.rpc.Status').decode(packed).details : []) {
    const detail = google.lookupType(url.split('/').pop()).decode(value);
    if (url.endsWith('/google.rpc.ErrorInfo') && detail.domain === 'makegood') rule = detail.reason;
    for (const violation of detail.fieldViolations || []) fields[violation.field] = violation.description;
  }
  return { rule, fields };
}

// Makes a call that must be refused, says why it was, and returns the rule and the fields.
async function refused(stub, method, request, who) {
  const error = await call(stub, method, request, who).then(() => null, (failure) => failure);
  if (!error) throw new Error(`not as promised: ${method} was not refused`);
  const { rule, fields } = explain(error);
  console.log(`   refused, ${grpc.status[error.code]}${rule && ` by rule ${rule}`}\n     ${error.details}`);
  for (const [field, description] of Object.entries(fields)) console.log(`     field ${field}: ${description}`);
  return { rule, fields };
}

// What another service does with an event comes a moment later: looks again, ever more rarely.
async function waitUntil(what, look) {
  for (let number = 0; number < 12; number++) {
    const found = await look();
    if (found) {
      console.log(what);
      return found;
    }
    await sleep(Math.min(20 * 2 ** number, 2000));
  }
  throw new Error(`not as promised: ${what}`);
}

function promise(kept, what) {
  if (!kept) throw new Error(`not as promised: ${what}`);
  console.log(what);
}

const seconds = (time) => Number(time.seconds);
const text = (time) => new Date(seconds(time) * 1000).toISOString();

// The stubs of one server, and the names of this run's order and requests.
class Client {
  constructor(server, run) {
    const to = [server, grpc.credentials.createInsecure(), CHANNEL_OPTIONS];
    this.orders = new packages.orders.v1.OrdersService(...to);
    this.timelines = new packages.orders.v1.TimelineService(...to);
    this.claims = new packages.claims.v1.ClaimsService(...to);
    this.payments = new packages.payments.v1.PaymentsService(...to);
    this.clock = new packages.base.v1.TestClockService(...to);
    this.run = run;
    this.order_id = `order-${run}`;
  }

  // One request_id per intention. A program that may die in between stores it before it sends.
  command(intention, more) {
    return { request_id: `${this.run}-${intention}`, ...more };
  }

  async advance(to_time) {
    // AdvanceTime has no request_id. Sent again after a lost answer, it may find that the clock is there or
    // further, and be refused, for the clock only goes forward: what was wanted is so already.
    try {
      return (await call(this.clock, 'AdvanceTime', { to_time }, OPERATIONS)).time;
    } catch (error) {
      if (error.code !== grpc.status.FAILED_PRECONDITION) throw error;
    }
    return (await call(this.clock, 'GetTime', {}, OPERATIONS)).time;
  }

  close() {
    for (const stub of [this.orders, this.timelines, this.claims, this.payments, this.clock]) stub.close();
  }
}

async function deliverAnOrder(client) {
  const { orders, payments, order_id } = client;
  const unit_price = { amount_minor: PRICE, currency: 'CNY' };
  const lines = [{ line_id: '1', sku: 'TEAPOT', quantity: 1, unit_price, vat_basis_points: 1300 }];
  let order = await call(orders, 'CreateOrder', { command: client.command('create'), order: {
    order_id, marketplace: 'tmall', merchant_id: 'm-1001', customer_id: 'c-1001', language: 'en',
    payment_method: 'PAYMENT_METHOD_PREPAID', currency: 'CNY', lines } }, SYSTEM);
  promise(order.state === 'STATE_BLOCKED', `${order_id} is created, BLOCKED until it is paid`);
  await call(payments, 'RecordPayment', { command: client.command('pay'), order_id, amount: order.total,
    reference: `card-${client.run}`, destination: 'DESTINATION_STORE_ACCOUNT' }, SYSTEM);
  await waitUntil('paid, it is OPEN',
    async () => (await call(orders, 'GetOrder', { order_id }, SYSTEM)).state === 'STATE_OPEN');
  order = await call(orders, 'HandOver',
    { command: client.command('ship'), order_id, carrier: 'Carrier', courier_id: 'courier-1001' }, EMPLOYEE);
  const delivered_time = await client.advance({ seconds: seconds(order.handover_time) + 2 * 24 * 3600 });
  order = await call(orders, 'RecordDelivery',
    { command: client.command('deliver'), order_id, delivered_time }, COURIER);
  promise(order.state === 'STATE_DELIVERED', `it is DELIVERED at ${text(delivered_time)}`);
}

async function openAClaim(client) {
  const { claims, order_id } = client;
  const units = [{ line_id: '1', quantity: 1 }];
  const request = { command: client.command('claim'), order_id, kind: 'CLAIM_KIND_DAMAGED', units };
  const claim = await call(claims, 'OpenClaim', request, CUSTOMER);
  promise(claim.state === 'STATE_AWAITING_EVIDENCE', `claim ${claim.claim_id} waits for evidence`);
  const again = await call(claims, 'OpenClaim', request, CUSTOMER);
  const listed = await call(claims, 'ListClaims', { order_id }, OPERATIONS);
  promise(isDeepStrictEqual(again, claim) && listed.claims.length === 1,
    'the same request again: the first reply, and still one claim (SYS-02)');

  request.command = client.command('claim-again');
  const { rule } = await refused(claims, 'OpenClaim', request, CUSTOMER);
  promise(rule === 'CLM-01', 'the same unit cannot be claimed twice');
  units[0].quantity = 0;
  const { fields } = await refused(claims, 'OpenClaim', request, CUSTOMER);
  promise('units[0].quantity' in fields, 'none of it cannot be claimed');
  return claim.claim_id;
}

// A header, then the bytes in pieces: a client stream.
function upload(client, claim_id, content, options) {
  return new Promise((resolve, reject) => {
    const stream = client.claims.UploadEvidence(CUSTOMER, options,
      (error, reply) => error ? reject(error) : resolve(reply));
    const sha256 = crypto.createHash('sha256').update(content).digest('hex');
    stream.write({ header: { command: client.command('photo'), claim_id, size_bytes: content.length, sha256 } });
    for (let at = 0; at < content.length; at += 65536) stream.write({ chunk: content.subarray(at, at + 65536) });
    stream.end();
  });
}

async function submitEvidence(client, claim_id, photo) {
  const content = fs.readFileSync(photo);
  let claim = await retrying((options) => upload(client, claim_id, content, options));
  const [stored] = claim.evidence;
  promise(Number(stored.size_bytes) === content.length,
    `${path.basename(photo)} is stored: ${stored.content_type}, ${stored.size_bytes} bytes`);
  claim = await call(client.claims, 'SubmitEvidence', { command: client.command('submit'), claim_id }, CUSTOMER);
  promise(claim.state === 'STATE_VERIFYING', 'the evidence is complete, the verdict is due from '
    + `${text(claim.window_open_time)} to ${text(claim.window_due_time)}`);
  return claim;
}

async function awaitTheVerdict(client, submitted) {
  const { claim_id, version } = submitted;
  console.log(`the test clock moves to ${text(await client.advance(submitted.window_open_time))}`);
  // The timeline streams each entry as it comes; the claim itself says what is true.
  const timeline = client.timelines.StreamTimeline({ order_id: client.order_id }, CUSTOMER,
    { deadline: Date.now() + DEADLINE_MS });
  // Operations decides on the version it looked at: ABORTED, should the claim have moved on (SYS-04).
  await call(client.claims, 'ApproveClaim',
    { command: client.command('approve', { expected_version: version }), claim_id }, OPERATIONS);
  console.log('the customer\'s timeline:');
  let claim;
  for await (const entry of timeline) {
    console.log(`   ${text(entry.time)}  ${entry.text}`);
    claim = await call(client.claims, 'GetClaim', { claim_id }, CUSTOMER);
    if (claim.state !== 'STATE_VERIFYING' && seconds(entry.time) >= seconds(claim.decision_time)) break;
  }
  timeline.cancel();
  promise(claim.state === 'STATE_APPROVED' && !claim.early, 'the verdict: APPROVED');
}

async function takeTheRefund(client, claim_id) {
  const { claims, payments, order_id } = client;
  await call(claims, 'ChooseResolution',
    { command: client.command('refund'), claim_id, resolution: 'RESOLUTION_KIND_REFUND' }, CUSTOMER);
  let refund = await waitUntil('a refund follows',
    async () => (await call(payments, 'ListRefunds', { order_id, customer_id: 'c-1001' }, CUSTOMER)).refunds[0]);
  const { refund_id, amount } = refund;
  promise(Number(amount.amount_minor) === PRICE && refund.state === 'STATE_PENDING',
    `${refund_id}: ${(amount.amount_minor / 100).toFixed(2)} ${amount.currency}, PENDING`);
  const provider_reference = `bank-${client.run}`;
  await call(payments, 'SettleRefund',
    { command: client.command('settle'), refund_id, provider_reference }, OPERATIONS);
  refund = await call(payments, 'GetRefund', { refund_id }, CUSTOMER);
  promise(refund.state === 'STATE_SETTLED', 'Operations paid it: SETTLED');
  await waitUntil('the claim is RESOLVED',
    async () => (await call(claims, 'GetClaim', { claim_id }, CUSTOMER)).state === 'STATE_RESOLVED');
}

async function main(server, photo, run = crypto.randomBytes(6).toString('hex')) {
  const client = new Client(server, run);
  await deliverAnOrder(client);
  const claim_id = await openAClaim(client);
  const claim = await submitEvidence(client, claim_id, photo);
  await awaitTheVerdict(client, claim);
  await takeTheRefund(client, claim_id);
  client.close();
  console.log('all as promised');
}

main(...process.argv.slice(2)).catch((error) => {
  console.error(error.message);
  process.exit(1);
});
