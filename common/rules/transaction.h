// Transaction: what one decision reads and wants changed. Plain data; the store loads what is asked for and
// persists what came of it, and knows nothing else of the rules.
//
// A decision is a pure function over a Transaction. It may run more than once, when what it wants could not
// be committed: each time from the start, on a fresh Transaction. So a decision keeps no state of its own,
// and nothing it does counts until it returns OK.
//
// Not thread-safe: one belongs to one decision on one thread.
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/base/status.h"
#include "common/rules/messages.h"
#include "google/protobuf/message_lite.h"
#include "makegood/base/v1/access.pb.h"
#include "makegood/base/v1/resource.pb.h"
#include "makegood/base/v1/work.pb.h"
#include "makegood/events/v1/events.pb.h"

namespace makegood::rules {

class PolicyBook;

// Names one record within a part.
struct RecordKey {
  std::string kind;
  std::string id;

  auto operator<=>(const RecordKey&) const = default;
};

// The few columns a record is found by, of which each costs an entry in an index. An empty string is never
// matched by a query.
struct RecordColumns {
  std::string order_id;
  std::string merchant_id;
  std::string customer_id;
  // What its lists are by: its state; of a policy or a day's tally the marketplace, of a provisional case the
  // calendar, of work its turn and kind, of assigned work whose it is.
  std::string group;
  absl::Time place;  // what its lists are ordered by, then by id: its time; of what is numbered PlaceOfIndex
  // While there is something left to do with it: at which marketplace, and until when it should be done (of a
  // provisional case: the last day that its calendar knew). Empty once nothing is left; InfiniteFuture where
  // nothing says until when.
  std::string open_at = {};
  absl::Time due = absl::InfiniteFuture();

  bool operator==(const RecordColumns&) const = default;

  // Of a record that is only ever looked up by its key.
  static RecordColumns ByKeyAlone(absl::Time place) { return {"", "", "", "", place}; }
};

// The place of what its lists have by number, from 1 on, and by no clock, which may be set back.
inline absl::Time PlaceOfIndex(int64_t index) { return absl::FromUnixMicros(index); }

// A record as the store keeps it.
struct StoredRecord {
  RecordKey key;
  int64_t version = 0;  // 1 when first written, then one more with each change
  RecordColumns columns;
  std::string data;  // the serialized message
};

// The message that it holds, or DATA_LOSS.
template <typename M>
absl::StatusOr<M> Read(const StoredRecord& record) {
  M message;
  if (!message.ParseFromString(record.data)) return absl::DataLossError("a stored record cannot be read");
  return message;
}

// How a message is kept as a record. Specialise beside the rules of each domain:
//   static constexpr absl::string_view kKind;              lower-case word, unique in a service
//   static std::string Id(const M&);
//   static RecordColumns Columns(const M&);
// The message has int64 version and google.protobuf.Timestamp create_time and update_time.
// Records that people may have to act on say what they wait for, of each kind, subject and detail once
// (WRK-01):
//   static std::vector<base::v1::WorkItem> Waiting(const M&);
// They belong to an order, and have its merchant, its customer and a policy.
template <typename M>
struct RecordTraits;

template <typename M>
concept WaitsForPeople = requires(const M& message) {
  { RecordTraits<M>::Waiting(message) } -> std::same_as<std::vector<base::v1::WorkItem>>;
};

// A task: something to be done at or after `due`, in this part, once.
struct Task {
  std::string id;    // unique in the part; doubles as the request_id of a call to another service
  std::string kind;  // which handler runs it
  absl::Time due;    // on the domain's clock
  std::string payload;
};

// What a decision is told beside records.
struct TransactionContext {
  base::v1::Actor actor;
  absl::Time now;                           // the domain's clock, set by the store when it decides
  const PolicyBook* policies = nullptr;     // outlives the transaction
  uint32_t part = 0;                        // of the routing key
  std::string service;                      // whose store decides, set by it
  std::string seed;                         // distinct per command of a service; new ids derive from it
  std::string request_id;                   // for the history: which command did it
  std::optional<int64_t> expected_version;  // the version the caller decided on (SYS-04)
};

class Transaction {
 public:
  // A record as it is stored, nullopt if there is none, or why that cannot be said. Outlives the transaction.
  using Load = absl::FunctionRef<absl::StatusOr<std::optional<StoredRecord>>(const RecordKey& key)>;

  Transaction(const TransactionContext& context, Load load) : context_(context), load_(load) {}
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  const base::v1::Actor& actor() const { return context_.actor; }
  absl::Time now() const { return context_.now; }
  const PolicyBook& policies() const { return *context_.policies; }
  // The part decided in: figures are kept by part, so that counting locks nobody else.
  uint32_t part() const { return context_.part; }

  // SYS-04: ABORTED, naming the record, if the caller decided on another version of it than `current`. Every
  // decision asks this of the record its command is about, right after reading it.
  absl::Status CheckVersion(const RecordVersion& current) const;

  template <typename M>
  absl::Status CheckVersion(const M& message) const {
    return CheckVersion(
        RecordVersion{std::string(RecordTraits<M>::kKind), RecordTraits<M>::Id(message), message.version()});
  }

  // The record, or NOT_FOUND naming it.
  template <typename M>
  absl::StatusOr<M> Get(absl::string_view id) {
    ASSIGN_OR_RETURN(std::optional<M> found, Find<M>(id));
    if (!found.has_value()) return NotFound(RecordTraits<M>::kKind, id);
    return *std::move(found);
  }

  // The record as it is now (this transaction's own changes included), or nothing.
  template <typename M>
  absl::StatusOr<std::optional<M>> Find(absl::string_view id) {
    ASSIGN_OR_RETURN(const StoredRecord* stored,
                     Look(RecordKey{std::string(RecordTraits<M>::kKind), std::string(id)}));
    if (stored == nullptr) return std::optional<M>();
    ASSIGN_OR_RETURN(M message, Read<M>(*stored));
    if constexpr (WaitsForPeople<M>) {
      if (!changes_.contains(stored->key)) NoteLoaded(stored->key, RecordTraits<M>::Waiting(message));
    }
    return std::optional<M>(std::move(message));
  }

  // Writes the record; one that is as it was read is left alone. Sets its version (one more than the stored
  // one), update_time and, when it is new, create_time (unless already set: history import keeps the source's
  // times, ORD-13), so that what the caller goes on to return is what was stored.
  template <typename M>
  void Put(M& message) {
    const RecordKey key{std::string(RecordTraits<M>::kKind), RecordTraits<M>::Id(message)};
    if (IsAsRead(key, message.version()) && message.SerializeAsString() == loaded_.at(key)->data) return;
    message.set_version(StoredVersion(key) + 1);
    if (!message.has_create_time()) SetNow(*message.mutable_create_time());
    SetNow(*message.mutable_update_time());
    if constexpr (WaitsForPeople<M>) NoteWaiting(key, message);
    Change(
        StoredRecord{key, message.version(), RecordTraits<M>::Columns(message), message.SerializeAsString()});
  }

  // Announces a fact. The transaction fills time, actor and request_id (time only where it is not set:
  // history import); the store numbers it. Of what one decision announces about an order it changes, before
  // or after, the last event tells the order's version: who has heard it has heard all of it (SYS-13).
  void Emit(events::v1::Event event);

  // Sets a timer or a call for `due`. A task of the same id is replaced. Ids are chosen by the
  // caller where the task may have to be cancelled, e.g. "claim-overdue:" + claim id.
  void Schedule(Task task);

  // The same, with an id of its own.
  void Schedule(absl::string_view kind, absl::Time due, const google::protobuf::MessageLite& payload);

  // Removes a task that has not run yet, one that this decision has scheduled too; nothing happens if there
  // is none.
  void Cancel(absl::string_view task_id);

  // A new id with this transaction's part and time in it: the same one each time this decision is run in one
  // batch, and another one than any other service makes, also of the same cause (SYS-11). Ids made later sort
  // later, so that new records lie together on disk.
  std::string NewId(absl::string_view prefix);

  // ---- For the store and for tests: what came of the decision.

  // The decision said OK: what waits for people because of it, and what does not any more, goes on the last
  // event about the order, or on one of its own (WRK-01), and so does the version of an order of which
  // nothing else was told (SYS-13). Once, before what follows is asked.
  void TellWork();

  // Every record looked up, with nullopt for one that does not exist.
  const std::map<RecordKey, std::optional<StoredRecord>>& loaded() const { return loaded_; }
  // Not OK: a record could not be loaded, and what the decision says is worth nothing.
  const absl::Status& load_status() const { return load_status_; }
  const std::map<RecordKey, StoredRecord>& changes() const { return changes_; }
  const std::vector<events::v1::Event>& events() const { return events_; }
  const std::vector<Task>& tasks() const { return tasks_; }
  const std::vector<std::string>& cancelled_tasks() const { return cancelled_tasks_; }

 private:
  // What a record waited for when it was loaded, and what it waits for since it was put.
  struct Waits {
    std::vector<base::v1::WorkItem> before;
    std::vector<base::v1::WorkItem> now;
    std::optional<events::v1::Event> about;  // the head of an event about it, once it was put
  };

  static constexpr absl::string_view kOrderKind = "order";  // of its record

  // Records that wait for nobody, which most are, cost nothing; of an order the version is told all the same.
  void NoteLoaded(const RecordKey& key, std::vector<base::v1::WorkItem> before) {
    if (!before.empty()) waits_[key].before = std::move(before);
  }

  template <typename M>
  void NoteWaiting(const RecordKey& key, const M& message) {
    std::vector<base::v1::WorkItem> now = RecordTraits<M>::Waiting(message);
    if (now.empty() && !waits_.contains(key) && key.kind != kOrderKind) return;
    Waits& waits = waits_[key];
    waits.now = std::move(now);
    waits.about = EventAbout(message);
  }

  absl::StatusOr<const StoredRecord*> Look(const RecordKey& key);
  int64_t StoredVersion(const RecordKey& key) const;
  // Nothing has been put since it was read at that version.
  bool IsAsRead(const RecordKey& key, int64_t version) const;
  void SetNow(google::protobuf::Timestamp& timestamp) const;
  void Change(StoredRecord record);
  // Puts the version of a changed order on the last event about it, and on that alone.
  void TellVersion(absl::string_view order_id);
  // The last event about the order of `about`; where there is none, one that says nothing else.
  events::v1::Event& LastEventAbout(const events::v1::Event& about);

  const TransactionContext& context_;
  const Load load_;
  absl::Status load_status_;
  std::map<RecordKey, std::optional<StoredRecord>> loaded_;
  std::map<RecordKey, StoredRecord> changes_;
  std::map<RecordKey, Waits> waits_;
  std::vector<events::v1::Event> events_;
  std::vector<Task> tasks_;
  std::vector<std::string> cancelled_tasks_;
  int new_ids_ = 0;
};

}  // namespace makegood::rules
