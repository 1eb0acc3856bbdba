#include "common/store/sqlite_reader.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "common/base/log.h"
#include "common/base/status.h"
#include "common/base/thread_name.h"
#include "common/store/observe.h"

namespace makegood::store {
namespace {

constexpr int kMaxEvents = 1000;

}  // namespace

rules::StoredRecord ReadRecord(const Rows& rows) {
  rules::StoredRecord record;
  record.key = {rows.String(0), rows.String(1)};
  record.version = rows.Int(2);
  record.columns = {rows.String(3), rows.String(4), rows.String(5), rows.String(6),
                    rows.Time(7),   rows.String(8), rows.Time(9)};
  record.data = rows.String(kRecordData);
  return record;
}

absl::StatusOr<std::string> ReadReply(const Rows& rows, const ReplayKey& key) {
  if (rows.Bytes(0) != key.content) {
    return WithRule(absl::AlreadyExistsError("this request_id was used before with other content"), "SYS-02");
  }
  return rows.String(1);
}

SqliteReader::SqliteReader(std::unique_ptr<Database> database)
    : database_(std::move(database)),
      begin_(*database_, "BEGIN"),
      end_(*database_, "COMMIT"),
      get_(*database_, absl::StrCat("SELECT ", kRecordColumns,
                                    " FROM records WHERE part = ?1 AND kind = ?2 AND id = ?3")),
      reply_(*database_, kFindReply),
      events_(
          *database_,
          "SELECT sequence, data FROM events WHERE part = ?1 AND sequence > ?2 ORDER BY sequence LIMIT ?3"),
      open_(*database_,
            "SELECT open_at, grouped_by, count(*), sum(due <= ?2), min(place) FROM records INDEXED BY "
            "records_open WHERE kind = ?1 AND open_at <> '' GROUP BY open_at, grouped_by"),
      lists_(*database_) {}

// Ends a view of which nothing may have been read, so a failure has no consequence.
void SqliteReader::EndView() { end_.Run().IgnoreError(); }

absl::StatusOr<std::optional<rules::StoredRecord>> SqliteReader::Get(uint32_t part,
                                                                     const rules::RecordKey& key) {
  Rows rows = get_.Start(part, key.kind, key.id);
  ASSIGN_OR_RETURN(const bool found, rows.Next());
  return found ? std::make_optional(ReadRecord(rows)) : std::nullopt;
}

absl::StatusOr<std::optional<std::string>> SqliteReader::Reply(uint32_t part, const ReplayKey& key) {
  Rows rows = reply_.Start(part, Blob{key.scope});
  ASSIGN_OR_RETURN(const bool found, rows.Next());
  if (!found) return std::nullopt;
  ASSIGN_OR_RETURN(std::string reply, ReadReply(rows, key));
  return std::make_optional(std::move(reply));
}

absl::StatusOr<std::vector<StoredEvent>> SqliteReader::Events(uint32_t part, uint64_t after, int limit) {
  std::vector<StoredEvent> events;
  size_t bytes = 0;
  Rows rows = events_.Start(part, std::min<uint64_t>(after, INT64_MAX), std::clamp(limit, 0, kMaxEvents));
  while (true) {
    ASSIGN_OR_RETURN(const bool found, rows.Next());
    if (!found) return events;
    bytes += rows.Bytes(1).size();
    if (bytes > kEventPageBytes && !events.empty()) return events;
    events.push_back({part, static_cast<uint64_t>(rows.Int(0)), rows.String(1)});
  }
}

absl::StatusOr<std::vector<OpenWork>> SqliteReader::CountOpen(absl::string_view kind, absl::Time now) {
  std::vector<OpenWork> open;
  // The greatest number stands for InfiniteFuture: what has no due time is never overdue.
  Rows rows = open_.Start(kind, std::min(ToMicros(now), std::numeric_limits<int64_t>::max() - 1));
  while (true) {
    ASSIGN_OR_RETURN(const bool found, rows.Next());
    if (!found) return open;
    open.push_back({rows.String(0), rows.String(1), rows.Int(2), rows.Int(3), rows.Time(4)});
  }
}

ReadPool::ReadPool(std::vector<std::unique_ptr<SqliteReader>> readers, const StoreOptions& options)
    : options_(options), readers_(std::move(readers)) {
  for (const auto& reader : readers_) free_.push_back(reader.get());
  for (size_t i = 0; i < readers_.size(); ++i) threads_.emplace_back([this] { Serve(); });
}

ReadPool::~ReadPool() {
  std::deque<Read> rest;
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
    rest.swap(queue_);
    mutex_.Await(absl::Condition(this, &ReadPool::AllFree));
  }
  for (std::thread& thread : threads_) thread.join();
  for (Read& read : rest) read(absl::UnavailableError("the store is closing"));
}

void ReadPool::Submit(Read read) {
  absl::Status queued = Enqueue(read);
  if (!queued.ok()) read(std::move(queued));
}

void ReadPool::RunOrSubmit(Read read) {
  SqliteReader* reader = nullptr;
  {
    absl::MutexLock lock(&mutex_);
    if (!stopping_ && queue_.empty() && !free_.empty()) {
      reader = free_.back();
      free_.pop_back();
    }
  }
  if (reader == nullptr) return Submit(std::move(read));
  Run(*reader, std::move(read));
}

absl::Status ReadPool::Enqueue(Read& read) {
  absl::MutexLock lock(&mutex_);
  if (stopping_) return absl::UnavailableError("the store is closing");
  if (queue_.size() >= options_.queue_limit)
    return absl::ResourceExhaustedError("too many reads are waiting");
  queue_.push_back(std::move(read));
  return absl::OkStatus();
}

void ReadPool::Serve() {
  NameThisThread(absl::StrCat("read-", options_.service));
  while (true) {
    Read read;
    SqliteReader* reader = nullptr;
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(this, &ReadPool::MayServe));
      if (stopping_) return;
      read = std::move(queue_.front());
      queue_.pop_front();
      reader = free_.back();
      free_.pop_back();
    }
    Run(*reader, std::move(read));
  }
}

void ReadPool::Run(SqliteReader& reader, Read read) {
  const absl::Status begun = Observed(options_.observer, "read", reader.BeginView());
  const absl::Status contained = Contained([&] {
    begun.ok() ? read(&reader) : read(begun);
    return absl::OkStatus();
  });
  if (begun.ok()) reader.EndView();
  if (!contained.ok()) {
    Log(LogLevel::kError, "a read was not finished", {{"error", std::string(contained.message())}});
  }
  absl::MutexLock lock(&mutex_);
  free_.push_back(&reader);
}

}  // namespace makegood::store
