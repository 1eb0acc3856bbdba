// Store: one contract, every driver. It makes decisions durable.
//
// Work is submitted from any thread. One writer takes what has gathered while the last commit was
// being written as its next batch: it runs each pure decision in order, loading records as it asks for them,
// and commits what they want changed together with replies, events, tasks and cursors. The batch is the unit
// of I/O; the command stays the unit of failure: one that is refused, conflicts, throws or cannot be written
// never harms its neighbours.
//
// Promises (each has a test in tests/store, run for every driver):
//  - A `done` with OK means that everything the decision wanted is on disk, in one commit.
//  - Within a part decisions are serial, and event numbers go 1, 2, 3… without gaps. Of several parts nothing
//  is
//    promised: that one writer decides for all of them is this driver's way.
//  - A ReplayKey seen before with the same content answers with the first reply and changes
//    nothing; with other content it is ALREADY_EXISTS. Only committed OK replies are kept.
//  - A full queue answers RESOURCE_EXHAUSTED at once and keeps nothing of the work. One caller fills half of
//    it at most, all but our own services seven eighths (SYS-12).
//  - A store that cannot write (disk full, I/O error) answers UNAVAILABLE and goes on trying.
//  - No personal data in logs or statuses.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/ids.h"
#include "common/base/places.h"
#include "common/rules/transaction.h"

namespace makegood::store {

// Which earlier command this would repeat (SYS-02).
struct ReplayKey {
  std::string scope;    // digest of actor with store, method, order or store, and request_id: 32 bytes
  std::string content;  // digest of the request without its request_id and validate_only: 32 bytes
};

// An event of another service as seen by this one. Committed together with what it caused.
struct Applied {
  std::string source;
  std::string epoch;
  uint32_t part = 0;
  uint64_t sequence = 0;
  std::string event_id;
};

// One thing to decide and to make durable.
struct Work {
  std::string routing_key;            // decides the part; see PartOf
  rules::TransactionContext context;  // `now`, `part` and `service` are filled by the store
  // Whose place it takes among those that wait (SYS-12).
  Caller caller = {.name = "own service", .own_service = true};
  // The decision: returns the serialized reply, or why not. Pure; may run more than once.
  std::function<absl::StatusOr<std::string>(rules::Transaction&)> decide;
  std::optional<ReplayKey> replay;
  bool validate_only = false;  // decide and answer, commit nothing (SYS-03)
  // The effect of a foreign event: applied once by (source, event_id), even when a cursor was set
  // back (then the decision is not run and the answer is OK with an empty reply), and only in
  // order: ABORTED if `sequence` is not the cursor's next (1 when the epoch is not the cursor's).
  // The cursor moves in the same commit, and takes on the epoch.
  std::optional<Applied> applied;
  // The task this work completes: removed in the same commit. If there is no such task that is due
  // (any more: it was cancelled, or put off to a later time) the decision is not run and the
  // answer is OK with an empty reply. Within one commit first this task is removed, then what the
  // transaction cancelled, then what it scheduled is added.
  std::string task_done;
  // The mark that task was read with: one set anew since then is another task, also for the same instant.
  // 0: whichever it is.
  int64_t task_mark = 0;
  // The stuck thing this work brings back, in the same commit; NOT_FOUND if it is not stuck in
  // this part (any more). A given-up task is due again, with no attempts counted; a parked event
  // becomes a task that is due at once, of its kind, with the event's data as
  // payload. Route such work by `stuck_id`: it is made by MakeId and leads to its part.
  std::string retry_stuck;
};

// The kind of a parked event, and of the task it comes back as, is this and its source: "apply-event:orders".
inline constexpr char kApplyEvent[] = "apply-event:";

// Called once, on a thread of the store, after the commit; on the caller's own where the work is
// turned away at once. Must not block, nor call what may block; may Submit and Read.
using Done = absl::AnyInvocable<void(absl::StatusOr<std::string> reply)>;

// In which order to list. Records of the same instant are in the order of their ids, or against it where the
// newest are first.
enum class ListOrder {
  kNewestFirst,
  kOldestFirst,
  kMostUrgentFirst,  // what is open alone: by due time, and last what has none
};

// Where a record stands in a list: its time, or in order of urgency its due time; and its id.
using ListPlace = std::pair<absl::Time, std::string>;

// Which records to list: those of `kind` that match everything given.
struct ListQuery {
  std::string kind;
  std::string order_id;
  std::string merchant_id;
  std::string customer_id;
  std::vector<std::string> groups;            // one of them; none: whichever (rules::RecordColumns)
  absl::Time from = absl::InfinitePast();     // place >= from
  absl::Time until = absl::InfiniteFuture();  // place < until
  // Only what is open there (see rules::RecordColumns::open_at); of use where only what is open is listed,
  // and for an order's and a customer's.
  std::string open_at = {};
  // Only what is open and has a due time before this.
  std::optional<absl::Time> due_before;
  ListOrder order = ListOrder::kNewestFirst;
  int limit = 50;  // 1 to 1,000
  // A page ends before the records' data would be more than this, but not before its first record.
  size_t max_bytes = 1 << 20;
  // The place of the last record of the page before.
  std::optional<ListPlace> after;

  // The place of a record in such a list.
  ListPlace PlaceOf(const rules::StoredRecord& record) const {
    return {order == ListOrder::kMostUrgentFirst ? record.columns.due : record.columns.place, record.key.id};
  }
  // Whether only what is open is listed.
  bool open_only() const {
    return due_before.has_value() || !open_at.empty() || order == ListOrder::kMostUrgentFirst;
  }
};

// Records in order, and whether there are more of them.
struct RecordPage {
  std::vector<rules::StoredRecord> records;
  bool more = false;
};

// An event as stored.
struct StoredEvent {
  uint32_t part = 0;
  uint64_t sequence = 0;
  std::string data;  // a serialized makegood.events.v1.Event
};

// Events that are read or sent together are no more than this, but for a single one.
inline constexpr size_t kEventPageBytes = 256 << 10;

// A task that is due, and how often it has failed.
struct DueTask {
  uint32_t part = 0;
  rules::Task task;
  int attempts = 0;
  int64_t mark = 0;  // tells it from one set anew under its id
};

// Which due tasks of one part: due by `now` on the domain's clock, with a back-off that has passed by
// `wall_now`.
struct DueQuery {
  uint32_t part = 0;
  absl::Time now;
  absl::Time wall_now;
  std::vector<std::string> without_kinds = {};         // passed over among those that have not failed yet
  std::vector<std::string> without_failed_kinds = {};  // and among those that have
  int limit = 1;                                       // of each
};

// Something that was given up: an event that could not be applied or a task that kept failing.
struct StuckItem {
  std::string stuck_id;
  std::string kind;
  std::string error;
  int attempts = 0;
  absl::Time time;
};

// Which stuck items: those of `kind` (empty: of any), given up before `before`, oldest first.
struct StuckQuery {
  std::string kind = {};
  absl::Time before = absl::InfiniteFuture();
  int limit = 500;  // 1 to 1,000
  // The (time, stuck_id) of the last item of the page before.
  std::optional<std::pair<absl::Time, std::string>> after = {};
};

// Brings back many stuck items in one commit, each as Work::retry_stuck does.
struct BulkRetry {
  StuckQuery which;                 // at most so many at a time; `after` is of no use here
  std::string routing_key;          // of the part that keeps the reply
  std::optional<ReplayKey> replay;  // seen before with the same content: the first reply, and nothing changes
  bool validate_only = false;
  // The serialized reply, from how many were brought back and how many of the kind are left.
  std::function<std::string(int64_t retried, int64_t left)> reply;
};

// What has been committed, for those who wait for it.
struct Committed {
  std::vector<StoredEvent> events;
  std::set<uint32_t> tasks_in;            // the parts in which a task was added that is due already
  std::vector<rules::RecordKey> records;  // every record that was written
};

// What is open of a kind of record at one marketplace and of one group; see rules::RecordColumns::open_at.
struct OpenWork {
  std::string open_at;
  std::string group;
  int64_t count = 0;
  int64_t overdue = 0;  // of them, those due by the time asked for
  absl::Time oldest;    // the earliest of their places
};

// A view of what is committed. Valid only inside the call it is given to; not thread-safe.
class Reader {
 public:
  virtual ~Reader() = default;
  virtual absl::StatusOr<std::optional<rules::StoredRecord>> Get(uint32_t part,
                                                                 const rules::RecordKey& key) = 0;
  virtual absl::StatusOr<RecordPage> List(const ListQuery& query) = 0;
  // The kept reply to a command, or nothing; ALREADY_EXISTS where the content differs.
  virtual absl::StatusOr<std::optional<std::string>> Reply(uint32_t part, const ReplayKey& key) = 0;
  // Up to `limit` events of `part` after `sequence`, in order; fewer where they are large: kEventPageBytes.
  virtual absl::StatusOr<std::vector<StoredEvent>> Events(uint32_t part, uint64_t after, int limit) = 0;
  // What is open of `kind`, by marketplace and group, where anything is. Reads an index entry for each open
  // record and none for any other: a million take about a seventh of a second, so do not ask for each call.
  virtual absl::StatusOr<std::vector<OpenWork>> CountOpen(absl::string_view kind, absl::Time now) = 0;
};

// Thread-safe. Destruction finishes the batch under way, answers the rest with UNAVAILABLE, and
// returns when no thread of the store is left.
class Store {
 public:
  virtual ~Store() = default;

  virtual uint32_t parts() const = 0;
  // New when the database was made or restored; part of what a subscriber's positions mean.
  virtual std::string epoch() const = 0;

  virtual void Submit(Work work, Done done) = 0;

  // Runs `read` on the bounded pool of readers. A full queue: `read` gets RESOURCE_EXHAUSTED.
  virtual void Read(absl::AnyInvocable<void(absl::StatusOr<Reader*>)> read) = 0;

  // The same for a few records by key: on the caller's own thread while a reader is free, which spares
  // two changes of thread for what is mostly in memory.
  virtual void ReadByKey(absl::AnyInvocable<void(absl::StatusOr<Reader*>)> read) = 0;

  // `listener` is called after every commit that made events or due tasks or wrote records, on the writer's
  // thread: it must not block, nor call the store. It hears of commits from then on, and cannot be taken
  // off: it must last as long as the store.
  virtual void AddCommitListener(std::function<void(const Committed&)> listener) = 0;

  // ---- For common/flow; these may block for an I/O.

  // Those that have not failed yet, earliest due first, and those whose back-off has passed, longest waiting
  // first; all of them in order of due time.
  virtual absl::StatusOr<std::vector<DueTask>> DueTasks(const DueQuery& query) = 0;
  // The same of all parts together, in order of due time, at most `limit` of 1,000.
  absl::StatusOr<std::vector<DueTask>> DueTasks(absl::Time now, absl::Time wall_now, int limit);
  // The earliest due time of any waiting task (back-off aside), or InfiniteFuture.
  virtual absl::StatusOr<absl::Time> NextDue() = 0;
  // Records a failed attempt: try again after `retry_at` (wall clock), or, with InfiniteFuture, give the task
  // up: it becomes a StuckItem. Does not block; `done` is called once that is on disk, or with why it is not.
  virtual void FailTask(const DueTask& task, absl::string_view error, absl::Time retry_at,
                        absl::AnyInvocable<void(absl::Status)> done) = 0;
  // The same for threads that may wait.
  absl::Status FailTask(const DueTask& task, absl::string_view error, absl::Time retry_at);
  // For each part of `source` the number of the last event applied, and the epoch it belongs to:
  // the one that was seen last; parts whose cursors are of an earlier one are left out.
  struct Cursors {
    std::string epoch;
    std::map<uint32_t, uint64_t> sequences;
  };
  virtual absl::StatusOr<Cursors> CursorsOf(absl::string_view source) = 0;
  // Sets an event aside that cannot be applied, and moves the cursor past it, in one commit. From
  // then on it counts as applied: only Work::retry_stuck brings it back. OK if it was applied or
  // parked before.
  virtual absl::Status Park(const Applied& applied, absl::string_view event_data,
                            absl::string_view error) = 0;
  // The number of each part's last event.
  virtual absl::StatusOr<std::map<uint32_t, uint64_t>> Heads() = 0;
  // A page of what was given up. See Work::retry_stuck.
  virtual absl::StatusOr<std::vector<StuckItem>> ListStuck(const StuckQuery& query) = 0;
  absl::StatusOr<std::vector<StuckItem>> ListStuck(int limit) {
    StuckQuery query;
    query.limit = limit;
    return ListStuck(query);
  }
  // The kept or new reply; ALREADY_EXISTS where the content differs.
  virtual absl::StatusOr<std::string> RetryStuck(const BulkRetry& retry) = 0;

  // After OK the database's files hold nothing of what records held before they were last written: for what
  // was erased (SYS-09). It may write the whole database anew, for which commands wait. UNAVAILABLE: somebody
  // is in the way, or the disk is full; try again.
  virtual absl::Status Scrub() = 0;

  // How many pieces of work wait for the writer now. Never blocks for an I/O.
  virtual size_t QueueDepth() const = 0;
};

// Runs `read` and waits for it: for threads that may wait. `read`'s status, or why it could not be run.
absl::Status ReadNow(Store& store, absl::FunctionRef<absl::Status(Reader&)> read);

// Goes through all pages of `query` and calls `page` with each, until one fails: its status.
absl::Status ForEachPage(Reader& reader, ListQuery query,
                         absl::FunctionRef<absl::Status(const RecordPage&)> page);
// The same for threads that may wait: each page is a read of its own, so that `page` may take long.
absl::Status ForEachPage(Store& store, ListQuery query,
                         absl::FunctionRef<absl::Status(const RecordPage&)> page);

// What a store tells of its own work, for the metrics. Called on the store's threads: must be
// quick, and must not call the store. What is empty is not called.
struct StoreObserver {
  // A batch is on disk.
  std::function<void(absl::Duration took, size_t commands)> committed;
  // An operation ("commit", "read", "task" …) failed for a reason of the store's own.
  std::function<void(absl::string_view operation, absl::StatusCode error)> failed;
};

// What a driver is opened with.
struct StoreOptions {
  std::string path;                // SQLite: the database file; made if it is not there
  std::string service;             // orders, claims, payments or notifications; a database belongs to one
  uint32_t parts = kDefaultParts;  // chosen when the database is made; must agree afterwards
  size_t queue_limit = 10'000;     // pieces of work not answered yet, and reads waiting
  size_t batch_limit = 256;        // pieces of work per commit
  int readers = 4;                 // threads of the reading pool, and readers
  // The database was restored from a copy: it gets a new epoch, by which those who followed it learn that
  // what they know may be more than it does.
  bool new_epoch = false;
  StoreObserver observer = {};
};

// Opens the embedded store: SQLite, WAL, synchronous=FULL; checkpoints on a thread of its own.
// `clock` is the domain's; it outlives the store. INVALID_ARGUMENT if the file belongs to another
// service or has other parts; UNAVAILABLE if it cannot be opened.
absl::StatusOr<std::unique_ptr<Store>> OpenSqliteStore(const StoreOptions& options, const Clock& clock);

}  // namespace makegood::store
