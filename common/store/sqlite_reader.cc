#include "common/store/sqlite_reader.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "common/base/thread_name.h"
#include "common/store/observe.h"

namespace makegood::store {
namespace {

constexpr int kMaxLimit = 1000;
constexpr int kDataColumn = 10;  // of kRecordColumns

// A page of records along `index`. Its bounds are exclusive pairs of (time, id); ids are never
// empty, so that (t, "") lies just before every record of time t.
std::string ListSql(const std::string& index, const std::string& where, absl::string_view direction) {
  return absl::StrCat("SELECT ", kRecordColumns, " FROM records INDEXED BY ", index, " WHERE kind = ?1 AND ",
                      where, " AND (time, id) > (?6, ?7) AND (time, id) < (?8, ?9) ORDER BY time ", direction,
                      ", id ", direction, " LIMIT ?10");
}

absl::Status CheckQuery(const ListQuery& query) {
  if (query.kind.empty()) return absl::InvalidArgumentError("a list needs a kind");
  if (query.limit < 1 || query.limit > kMaxLimit) {
    return absl::InvalidArgumentError(absl::StrCat("limit is ", query.limit, ", want 1 to ", kMaxLimit));
  }
  return absl::OkStatus();
}

// Counts a page's records and bytes.
class PageRoom {
 public:
  explicit PageRoom(const ListQuery& query) : query_(query) {}

  // True if another record of so many bytes belongs to the page; then it is counted.
  bool Takes(size_t bytes) {
    if (records_ == query_.limit || (records_ > 0 && bytes_ + bytes > query_.max_bytes)) return false;
    ++records_;
    bytes_ += bytes;
    return true;
  }

 private:
  const ListQuery& query_;
  int records_ = 0;
  size_t bytes_ = 0;
};

using Place = std::pair<absl::Time, std::string>;
Place PlaceOf(const rules::StoredRecord& record) { return {record.columns.time, record.key.id}; }

// Pages of several states become one. It ends where a page ends that has more to come: what lies further may
// not be the next.
class MergedPage {
 public:
  explicit MergedPage(const ListQuery& query) : query_(query) {}

  void Add(RecordPage page) {
    if (page.more && !page.records.empty()) {
      const Place last = PlaceOf(page.records.back());
      if (!end_.has_value() || Before(last, *end_)) end_ = last;
    }
    std::move(page.records.begin(), page.records.end(), std::back_inserter(records_));
    Cut();
  }

  RecordPage Take() { return {std::move(records_), end_.has_value()}; }

 private:
  bool Before(const Place& a, const Place& b) const { return query_.newest_first ? b < a : a < b; }

  // After each page, so that no more than two are held.
  void Cut() {
    std::sort(records_.begin(), records_.end(),
              [this](const auto& a, const auto& b) { return Before(PlaceOf(a), PlaceOf(b)); });
    PageRoom room(query_);
    size_t count = 0;
    while (count < records_.size() && !(end_.has_value() && Before(*end_, PlaceOf(records_[count]))) &&
           room.Takes(records_[count].data.size())) {
      ++count;
    }
    if (count == records_.size()) return;
    records_.resize(count);
    end_ = PlaceOf(records_.back());
  }

  const ListQuery& query_;
  std::vector<rules::StoredRecord> records_;
  std::optional<Place> end_;  // the place of the last record, once it is known that there are more
};

}  // namespace

rules::StoredRecord ReadRecord(const Rows& rows) {
  rules::StoredRecord record;
  record.key = {rows.String(0), rows.String(1)};
  record.version = rows.Int(2);
  record.columns = {rows.String(3), rows.String(4), rows.String(5), rows.String(6),
                    rows.Time(7),   rows.String(8), rows.Time(9)};
  record.data = rows.String(kDataColumn);
  return record;
}

absl::StatusOr<std::string> ReadReply(const Rows& rows, const ReplayKey& key) {
  if (rows.Bytes(0) != key.content) {
    return WithRule(absl::AlreadyExistsError("this request_id was used before with other content"), "SYS-02");
  }
  return rows.String(1);
}

SqliteReader::ListStatements::ListStatements(const Database& database, const std::string& index,
                                             const std::string& where)
    : newest_first(database, ListSql(index, where, "DESC")),
      oldest_first(database, ListSql(index, where, "ASC")) {}

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
            "SELECT queue, state, count(*), sum(due <= ?2), min(time) FROM records INDEXED BY "
            "records_by_queue WHERE kind = ?1 AND queue <> '' GROUP BY queue, state"),
      by_order_(*database_, "records_by_order",
                "order_id = ?2 AND order_id <> '' AND (?3 = '' OR merchant_id = ?3) AND "
                "(?4 = '' OR customer_id = ?4) AND (?5 = '' OR state = ?5)"),
      by_customer_(*database_, "records_by_customer",
                   "customer_id = ?4 AND customer_id <> '' AND (?3 = '' OR merchant_id = ?3) AND "
                   "(?5 = '' OR state = ?5)"),
      by_merchant_(*database_, "records_by_merchant",
                   "merchant_id = ?3 AND merchant_id <> '' AND state = ?5"),
      by_state_(*database_, "records_by_state", "state = ?5"),
      next_state_of_merchant_(*database_,
                              "SELECT state FROM records INDEXED BY records_by_merchant WHERE kind = ?1 AND "
                              "merchant_id = ?2 AND merchant_id <> '' AND state > ?3 ORDER BY state LIMIT 1"),
      next_state_of_kind_(*database_,
                          "SELECT state FROM records INDEXED BY records_by_state WHERE kind = ?1 AND "
                          "state > ?3 ORDER BY state LIMIT 1") {}

// Ends a view of which nothing may have been read, so a failure has no consequence.
void SqliteReader::EndView() { end_.Run().IgnoreError(); }

absl::StatusOr<std::optional<rules::StoredRecord>> SqliteReader::Get(uint32_t part,
                                                                     const rules::RecordKey& key) {
  Rows rows = get_.Start(part, key.kind, key.id);
  ASSIGN_OR_RETURN(const bool found, rows.Next());
  return found ? std::make_optional(ReadRecord(rows)) : std::nullopt;
}

absl::StatusOr<RecordPage> SqliteReader::List(const ListQuery& query) {
  RETURN_IF_ERROR(CheckQuery(query));
  if (!query.order_id.empty()) return ListState(by_order_, query, query.state);
  if (!query.customer_id.empty()) return ListState(by_customer_, query, query.state);
  ListStatements& by = query.merchant_id.empty() ? by_state_ : by_merchant_;
  if (!query.state.empty()) return ListState(by, query, query.state);
  return ListEveryState(by, query.merchant_id.empty() ? next_state_of_kind_ : next_state_of_merchant_, query);
}

absl::StatusOr<RecordPage> SqliteReader::ListState(ListStatements& by, const ListQuery& query,
                                                   const std::string& state) {
  std::pair<int64_t, absl::string_view> low(ToMicrosUp(query.from), "");
  std::pair<int64_t, absl::string_view> high(ToMicrosUp(query.until), "");
  if (query.after.has_value()) {
    const std::pair<int64_t, absl::string_view> after(ToMicros(query.after->first), query.after->second);
    if (query.newest_first) {
      high = std::min(high, after);
    } else {
      low = std::max(low, after);
    }
  }
  Statement& statement = query.newest_first ? by.newest_first : by.oldest_first;
  // One more than a page has: it is not read, but it tells that there is more.
  Rows rows = statement.Start(query.kind, query.order_id, query.merchant_id, query.customer_id, state,
                              low.first, low.second, high.first, high.second, query.limit + 1);
  RecordPage page;
  PageRoom room(query);
  while (true) {
    ASSIGN_OR_RETURN(const bool found, rows.Next());
    if (!found) return page;
    page.more = !room.Takes(rows.Bytes(kDataColumn).size());
    if (page.more) return page;
    page.records.push_back(ReadRecord(rows));
  }
}

// The index has the state before the time: a page over all states is made of one page of each.
// States are few: they are the names of an enum.
absl::StatusOr<RecordPage> SqliteReader::ListEveryState(ListStatements& by, Statement& next_state,
                                                        const ListQuery& query) {
  MergedPage merged(query);
  std::string state;
  while (true) {
    ASSIGN_OR_RETURN(RecordPage page, ListState(by, query, state));
    merged.Add(std::move(page));
    Rows rows = next_state.Start(query.kind, query.merchant_id, state);
    ASSIGN_OR_RETURN(const bool found, rows.Next());
    if (!found) return merged.Take();
    state = rows.String(0);
  }
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
  Rows rows = events_.Start(part, std::min<uint64_t>(after, INT64_MAX), std::clamp(limit, 0, kMaxLimit));
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
  if (const absl::Status begun = Observed(options_.observer, "read", reader.BeginView()); !begun.ok()) {
    read(begun);
  } else {
    read(&reader);
    reader.EndView();
  }
  absl::MutexLock lock(&mutex_);
  free_.push_back(&reader);
}

}  // namespace makegood::store
