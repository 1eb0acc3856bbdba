#include "tools/makegoodctl/import/import_calls.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/status.h"
#include "tools/makegoodctl/import/import_compare.h"

namespace makegood::ctl {
namespace {

// The most bytes of rows in flight, so that memory is bounded whatever the file holds.
constexpr size_t kMaxBytes = size_t{16} * 1024 * 1024;
constexpr absl::Duration kMoment = absl::Milliseconds(20);
constexpr absl::Duration kLongestDelay = absl::Seconds(2);
// How often a server may fail on one row by itself before that row is rejected.
constexpr int kMaxFaults = 6;

size_t BytesOf(const ImportItem& item) {
  size_t bytes = 0;
  for (const CsvRow& row : item.rows) bytes += row.bytes.size();
  return bytes;
}

// The server's own failure, perhaps of this row only.
bool IsFault(const absl::Status& status) {
  return absl::IsInternal(status) || absl::IsUnknown(status) || absl::IsDataLoss(status) ||
         absl::IsAborted(status) || absl::IsCancelled(status);
}

// Not the row's fault, and the same for every other row.
bool IsForAllRows(const absl::Status& status) {
  const bool of_role = absl::IsPermissionDenied(status) && RuleOf(status) != "ROL-11";
  return of_role || absl::IsUnauthenticated(status) || absl::IsUnimplemented(status);
}

}  // namespace

struct ImportCalls::Flight {
  enum class State { kAnswered, kFlying, kWaiting };
  // What is asked: to take the order in or, where that is here already, what is here.
  enum class Asks { kTake, kOrder, kContact };

  ImportItem item;
  State state = State::kAnswered;  // as the one thread knows it
  bool landed = false;             // under the mutex
  Asks asks = Asks::kTake;
  int attempts = 0;
  absl::Time sent;
  absl::Time due;  // to be sent again
  std::unique_ptr<grpc::ClientContext> context;
  orders::v1::Order order;
  orders::v1::GetOrderRequest get_order;
  orders::v1::GetContactRequest get_contact;
  orders::v1::Contact contact;
  orders::v1::ReportStatusResponse reported;
  grpc::Status status;
};

ImportCalls::ImportCalls(Client& client, const base::v1::Actor& actor, int window, absl::Duration patience)
    : client_(client), actor_(actor), window_(static_cast<size_t>(window)), patience_(patience) {}

ImportCalls::~ImportCalls() {
  for (const auto& flight : flights_) {
    if (flight->context != nullptr) flight->context->TryCancel();
  }
  absl::MutexLock lock(&mutex_);
  mutex_.Await(absl::Condition(
      +[](size_t* in_flight) { return *in_flight == 0; }, &in_flight_));
}

bool ImportCalls::Fits(const ImportItem& item) const {
  if (flights_.empty()) return true;
  return flights_.size() < window_ && bytes_ + BytesOf(item) <= kMaxBytes &&
         !order_ids_.contains(item.about.order_id());
}

void ImportCalls::Add(ImportItem item) {
  bytes_ += BytesOf(item);
  const bool to_send = !std::holds_alternative<std::monostate>(item.request);
  if (to_send) order_ids_.insert(item.about.order_id());
  flights_.push_back(std::make_unique<Flight>());
  Flight& flight = *flights_.back();
  flight.item = std::move(item);
  if (to_send) Send(flight);
}

void ImportCalls::Send(Flight& flight) {
  flight.context = std::make_unique<grpc::ClientContext>();
  flight.sent = absl::Now();
  rpc::Prepare(*flight.context, actor_, flight.sent + patience_);
  flight.state = Flight::State::kFlying;
  ++flight.attempts;
  const auto landed = [this, &flight](grpc::Status status) {
    absl::MutexLock lock(&mutex_);
    flight.status = std::move(status);
    flight.landed = true;
    landed_.push_back(&flight);
    --in_flight_;
  };
  {
    absl::MutexLock lock(&mutex_);
    ++in_flight_;
    flight.landed = false;
  }
  grpc::ClientContext* const context = flight.context.get();
  ImportItem::Request& request = flight.item.request;
  if (flight.asks == Flight::Asks::kOrder) {
    client_.orders->async()->GetOrder(context, &flight.get_order, &flight.order, landed);
  } else if (flight.asks == Flight::Asks::kContact) {
    client_.contacts->async()->GetContact(context, &flight.get_contact, &flight.contact, landed);
  } else if (const auto* history = std::get_if<orders::v1::ImportOrderRequest>(&request)) {
    client_.orders->async()->ImportOrder(context, history, &flight.order, landed);
  } else if (const auto* live = std::get_if<orders::v1::CreateOrderRequest>(&request)) {
    client_.orders->async()->CreateOrder(context, live, &flight.order, landed);
  } else if (const auto* report = std::get_if<orders::v1::ReportStatusRequest>(&request)) {
    client_.fastcentrik->async()->ReportStatus(context, report, &flight.reported, landed);
  }
}

// An order that is here already is accepted where all that the file says of it is so. True if there is more
// to be asked for that; else `status` is what is known then.
bool ImportCalls::Compares(Flight& flight, absl::Status& status) {
  const auto* const past = std::get_if<orders::v1::ImportOrderRequest>(&flight.item.request);
  const auto* const live = std::get_if<orders::v1::CreateOrderRequest>(&flight.item.request);
  if (past == nullptr && live == nullptr) return false;
  const orders::v1::NewOrder& told = past != nullptr ? past->order() : live->order();
  std::vector<FieldViolation> differences;
  switch (flight.asks) {
    case Flight::Asks::kTake:
      if (!absl::IsAlreadyExists(status)) return false;
      flight.asks = Flight::Asks::kOrder;
      flight.get_order.set_order_id(told.order_id());
      return true;
    case Flight::Asks::kOrder:
      if (!status.ok()) break;
      differences = DifferencesFrom(flight.order, told, past);
      if (!differences.empty() || !told.has_customer()) break;
      flight.asks = Flight::Asks::kContact;
      flight.get_contact.set_contact_id(flight.order.customer_contact_id());
      return true;
    case Flight::Asks::kContact:
      if (status.ok()) differences = DifferencesFrom(flight.contact, told.customer());
      // Erased since.
      if (absl::IsNotFound(status)) status = absl::OkStatus();
      break;
  }
  if (!status.ok()) status = absl::AlreadyExistsError("");
  if (!differences.empty()) status = InvalidFields(differences);
  flight.item.was_here = status.ok();
  return false;
}

// Judges one answer.
absl::Status ImportCalls::Land(Flight& flight) {
  absl::Status status = rpc::FromGrpc(flight.status);
  if (flight.asks == Flight::Asks::kTake && IsForAllRows(status)) return status;
  const bool fault = IsFault(status) && flight.attempts < kMaxFaults;
  if (!IsAmbiguous(status) && !fault) {
    failing_since_ = absl::InfiniteFuture();
    answered_ = absl::Now();
    if (Compares(flight, status)) {
      flight.attempts = 0;
      Send(flight);
      return absl::OkStatus();
    }
    flight.item.verdict = status;
    flight.item.outcome = flight.reported.outcome();
    flight.state = Flight::State::kAnswered;
    flight.context.reset();
    return absl::OkStatus();
  }
  const absl::Time now = absl::Now();
  if (!fault) failing_since_ = std::min(failing_since_, std::max(flight.sent, answered_));
  if (now - failing_since_ >= patience_) {
    return absl::UnavailableError(absl::StrCat("the server has not answered for ",
                                               absl::FormatDuration(patience_), ": ", status.message()));
  }
  flight.state = Flight::State::kWaiting;
  flight.due = now + std::min(RetryDelay(std::min(flight.attempts, 10)), kLongestDelay);
  ++waiting_;
  return absl::OkStatus();
}

absl::Status ImportCalls::LandAll() {
  std::vector<Flight*> landed;
  {
    absl::MutexLock lock(&mutex_);
    landed.swap(landed_);
  }
  for (Flight* const flight : landed) RETURN_IF_ERROR(Land(*flight));
  return absl::OkStatus();
}

void ImportCalls::SendDue() {
  if (waiting_ == 0) return;
  const absl::Time now = absl::Now();
  for (const auto& flight : flights_) {
    if (flight->state != Flight::State::kWaiting || flight->due > now) continue;
    --waiting_;
    Send(*flight);
  }
}

bool ImportCalls::IsFirstToTake(bool wait) const {
  const bool heard = answered_ != absl::InfinitePast() || (wait && order_ids_.empty());
  return heard && !flights_.empty() && flights_.front()->state == Flight::State::kAnswered;
}

absl::StatusOr<std::optional<ImportItem>> ImportCalls::Take(bool wait) {
  if (wait && !flights_.empty() && !IsFirstToTake(wait)) {
    // The first is waited for: most of the others have been answered by then.
    absl::MutexLock lock(&mutex_);
    mutex_.AwaitWithTimeout(absl::Condition(&flights_.front()->landed), kMoment);
  }
  RETURN_IF_ERROR(LandAll());
  SendDue();
  if (!IsFirstToTake(wait)) return std::optional<ImportItem>();
  ImportItem item = std::move(flights_.front()->item);
  flights_.pop_front();
  bytes_ -= BytesOf(item);
  if (!std::holds_alternative<std::monostate>(item.request)) order_ids_.erase(item.about.order_id());
  return std::optional<ImportItem>(std::move(item));
}

}  // namespace makegood::ctl
