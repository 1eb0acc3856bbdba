#include "common/store/sqlite_lists.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <limits>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/store/micros.h"

namespace makegood::store {
namespace {

constexpr int kMaxLimit = 1000;

// A page of records along `index`: of ?1 kind, ?2 order, ?3 merchant, ?4 customer, open at ?5 and of ?6
// group, due at the latest at ?11, which is asked of what is open alone: with ?12 where the index holds more
// than that.
//
// Bounds of places are exclusive pairs of (time, id); ids are never empty, so that (t, "") lies just before
// every record of time t. In order of urgency those after (?7, ?8) are of due times, and places are
// from ?9 until ?10.
std::string ListSql(const std::string& index, const std::string& where, ListOrder order) {
  const std::string select = absl::StrCat("SELECT ", kRecordColumns, " FROM records INDEXED BY ", index,
                                          " WHERE kind = ?1 AND ", where);
  if (order == ListOrder::kMostUrgentFirst) {
    return absl::StrCat(select, " AND (due, id) > (?7, ?8) AND due <= ?11 AND place >= ?9 AND place < ?10",
                        " ORDER BY due, id LIMIT ?13");
  }
  const char* const direction = order == ListOrder::kNewestFirst ? " DESC" : "";
  return absl::StrCat(select, " AND (place, id) > (?7, ?8) AND (place, id) < (?9, ?10) ORDER BY place",
                      direction, ", id", direction, " LIMIT ?13");
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

// A place as a statement is given it. What it was made from outlives it.
using Bound = std::pair<int64_t, absl::string_view>;
Bound BoundAt(const ListPlace& place) { return {ToMicros(place.first), place.second}; }

// The latest due time that ?11 of ListSql lets through.
int64_t LastDue(const ListQuery& query) {
  constexpr int64_t kFirst = std::numeric_limits<int64_t>::min();
  if (!query.due_before.has_value()) return std::numeric_limits<int64_t>::max();
  return std::max(ToMicrosUp(*query.due_before), kFirst + 1) - 1;
}

}  // namespace

// Pages of several marketplaces and groups become one. It ends where a page ends that has more to come: what
// lies further may not be the next.
class SqliteLists::Merged {
 public:
  explicit Merged(const ListQuery& query) : query_(query) {}

  // Nothing that stands behind this one is of use any more, once there is such a place.
  const std::optional<ListPlace>& end() const { return end_; }

  // Adds what a statement of ListSql finds.
  absl::Status Add(Rows rows) {
    RecordPage page;
    PageRoom room(query_);
    while (true) {
      ASSIGN_OR_RETURN(const bool found, rows.Next());
      if (!found) break;
      page.more = !room.Takes(rows.Bytes(kRecordData).size());
      if (page.more) break;
      page.records.push_back(ReadRecord(rows));
    }
    Add(std::move(page));
    return absl::OkStatus();
  }

  RecordPage Take() { return {std::move(records_), end_.has_value()}; }

 private:
  // After each page some are cut off, so that no more than two are held.
  void Add(RecordPage page) {
    if (page.more && !page.records.empty()) {
      ListPlace last = query_.PlaceOf(page.records.back());
      if (!end_.has_value() || Before(last, *end_)) end_ = std::move(last);
    }
    const auto had = static_cast<std::ptrdiff_t>(records_.size());
    std::move(page.records.begin(), page.records.end(), std::back_inserter(records_));
    std::inplace_merge(
        records_.begin(), records_.begin() + had, records_.end(),
        [this](const auto& a, const auto& b) { return Before(query_.PlaceOf(a), query_.PlaceOf(b)); });
    Cut();
  }

  bool Before(const ListPlace& a, const ListPlace& b) const {
    return query_.order == ListOrder::kNewestFirst ? b < a : a < b;
  }

  void Cut() {
    PageRoom room(query_);
    size_t count = 0;
    while (count < records_.size() && !(end_.has_value() && Before(*end_, query_.PlaceOf(records_[count]))) &&
           room.Takes(records_[count].data.size())) {
      ++count;
    }
    if (count == records_.size()) return;
    records_.resize(count);
    end_ = query_.PlaceOf(records_.back());
  }

  const ListQuery& query_;
  std::vector<rules::StoredRecord> records_;
  std::optional<ListPlace> end_;  // the place of the last record, once it is known that there are more
};

SqliteLists::Statements::Statements(const Database& database, const std::string& index,
                                    const std::string& where)
    : newest_first(database, ListSql(index, where, ListOrder::kNewestFirst)),
      oldest_first(database, ListSql(index, where, ListOrder::kOldestFirst)),
      most_urgent_first(database, ListSql(index, where, ListOrder::kMostUrgentFirst)) {}

SqliteLists::SqliteLists(const Database& database)
    : by_order_(database, "records_by_order",
                "order_id = ?2 AND order_id <> '' AND (?3 = '' OR merchant_id = ?3) AND "
                "(?4 = '' OR customer_id = ?4) AND (?6 = '' OR grouped_by = ?6) AND "
                "(?5 = '' OR open_at = ?5) AND (NOT ?12 OR (open_at <> '' AND due <= ?11))"),
      by_customer_(database, "records_by_customer",
                   "customer_id = ?4 AND customer_id <> '' AND (?3 = '' OR merchant_id = ?3) AND "
                   "(?6 = '' OR grouped_by = ?6) AND (?5 = '' OR open_at = ?5) AND "
                   "(NOT ?12 OR (open_at <> '' AND due <= ?11))"),
      by_merchant_(database, "records_by_merchant",
                   "merchant_id = ?3 AND merchant_id <> '' AND grouped_by = ?6"),
      by_group_(database, "records_by_group", "grouped_by = ?6"),
      open_(database, "records_open",
            "open_at = ?5 AND open_at <> '' AND grouped_by = ?6 AND due <= ?11 AND (?3 = '' OR merchant_id = "
            "?3)"),
      next_group_of_merchant_(
          database,
          "SELECT '', grouped_by FROM records INDEXED BY records_by_merchant WHERE kind = ?1 AND "
          "merchant_id = ?2 AND merchant_id <> '' AND grouped_by > ?4 ORDER BY grouped_by LIMIT 1"),
      next_group_of_kind_(
          database,
          "SELECT '', grouped_by FROM records INDEXED BY records_by_group WHERE kind = ?1 AND "
          "grouped_by > ?4 ORDER BY grouped_by LIMIT 1"),
      // Not (open_at, grouped_by) > (?3, ?4): SQLite would pass over every record of the last one.
      next_open_group_(
          database,
          "SELECT * FROM (SELECT open_at, grouped_by FROM records INDEXED BY records_open WHERE kind = ?1 "
          "AND "
          "open_at = ?3 AND open_at <> '' AND grouped_by > ?4 ORDER BY grouped_by LIMIT 1) UNION ALL "
          "SELECT * FROM (SELECT open_at, grouped_by FROM records INDEXED BY records_open WHERE kind = ?1 "
          "AND "
          "open_at > ?3 AND open_at <> '' ORDER BY open_at, grouped_by LIMIT 1) LIMIT 1") {}

absl::StatusOr<RecordPage> SqliteLists::List(const ListQuery& query) {
  RETURN_IF_ERROR(CheckQuery(query));
  const std::set<std::string> groups(query.groups.begin(), query.groups.end());
  Merged page(query);
  if (!query.order_id.empty() || !query.customer_id.empty()) {
    Statements& by = query.order_id.empty() ? by_customer_ : by_order_;
    const auto add = [&](const std::string& group) {
      return AddSome(by, query, {.open_at = query.open_at, .group = group}, page);
    };
    if (groups.empty()) RETURN_IF_ERROR(add(""));
    for (const std::string& group : groups) RETURN_IF_ERROR(add(group));
  } else if (query.open_only()) {
    RETURN_IF_ERROR(AddEvery(open_, next_open_group_, query, groups, page));
  } else {
    const bool merchant = !query.merchant_id.empty();
    Statements& by = merchant ? by_merchant_ : by_group_;
    for (const std::string& group : groups) RETURN_IF_ERROR(AddSome(by, query, {.group = group}, page));
    if (groups.empty()) {
      Statement& next = merchant ? next_group_of_merchant_ : next_group_of_kind_;
      RETURN_IF_ERROR(AddSome(by, query, {}, page));
      RETURN_IF_ERROR(AddEvery(by, next, query, {}, page));
    }
  }
  return page.Take();
}

absl::Status SqliteLists::AddSome(Statements& by, const ListQuery& query, const OpenGroup& of,
                                  Merged& merged) {
  Bound low(ToMicrosUp(query.from), "");
  Bound high(ToMicrosUp(query.until), "");
  int64_t due = LastDue(query);
  const std::optional<ListPlace>& end = merged.end();
  const auto start = [&](Statement& statement, const auto& third, const auto& fourth) {
    // One more than a page has: it is not read, but it tells that there is more.
    return statement.Start(query.kind, query.order_id, query.merchant_id, query.customer_id, of.open_at,
                           of.group, low.first, low.second, third, fourth, due, query.open_only(),
                           query.limit + 1);
  };
  switch (query.order) {
    case ListOrder::kNewestFirst: {
      if (query.after.has_value()) high = std::min(high, BoundAt(*query.after));
      if (end.has_value()) low = std::max(low, BoundAt(*end));
      return merged.Add(start(by.newest_first, high.first, high.second));
    }
    case ListOrder::kOldestFirst: {
      if (query.after.has_value()) low = std::max(low, BoundAt(*query.after));
      if (end.has_value()) high = std::min(high, BoundAt(*end));
      return merged.Add(start(by.oldest_first, high.first, high.second));
    }
    case ListOrder::kMostUrgentFirst: {
      const int64_t from = low.first;
      low = {std::numeric_limits<int64_t>::min(), ""};
      if (query.after.has_value()) low = BoundAt(*query.after);
      if (end.has_value()) due = std::min(due, ToMicros(end->first));
      return merged.Add(start(by.most_urgent_first, from, high.first));
    }
  }
  return absl::InternalError("a list in no order");
}

// The indexes have marketplace and group before the place: a page over all of them is made of one page of
// each. They are few: the names of marketplaces, and of an enum.
absl::Status SqliteLists::AddEvery(Statements& by, Statement& next, const ListQuery& query,
                                   const std::set<std::string>& groups, Merged& merged) {
  OpenGroup last;
  while (true) {
    {
      Rows rows = next.Start(query.kind, query.merchant_id, last.open_at, last.group);
      ASSIGN_OR_RETURN(const bool found, rows.Next());
      if (!found) return absl::OkStatus();
      last = {rows.String(0), rows.String(1)};
    }
    if (!query.open_at.empty() && last.open_at != query.open_at) continue;
    if (!groups.empty() && groups.count(last.group) == 0) continue;
    RETURN_IF_ERROR(AddSome(by, query, last, merged));
  }
}

}  // namespace makegood::store
