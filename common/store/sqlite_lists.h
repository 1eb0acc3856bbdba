// Lists of records of the SQLite driver. Not part of the contract.
#pragma once

#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/store/sqlite_db.h"
#include "common/store/store.h"

namespace makegood::store {

// The columns that ReadRecord wants, in its order, and which of them is the data.
inline constexpr char kRecordColumns[] =
    "kind, id, version, order_id, merchant_id, customer_id, grouped_by, place, open_at, due, data";
inline constexpr int kRecordData = 10;
rules::StoredRecord ReadRecord(const Rows& rows);

class SqliteLists {
 public:
  // The database outlives them.
  explicit SqliteLists(const Database& database);

  absl::StatusOr<RecordPage> List(const ListQuery& query);

 private:
  class Merged;

  // One index to list by, in every order.
  struct Statements {
    Statements(const Database& database, const std::string& index, const std::string& where);
    Statement newest_first;
    Statement oldest_first;
    Statement most_urgent_first;
  };

  // What an index has before the place; empty where it has not, or where it matters not.
  struct OpenGroup {
    std::string open_at = {};
    std::string group = {};
  };

  // Adds the records of one marketplace and group.
  static absl::Status AddSome(Statements& by, const ListQuery& query, const OpenGroup& of, Merged& merged);
  // Adds those of every marketplace and group that `next` finds, of no groups but these if any are given.
  static absl::Status AddEvery(Statements& by, Statement& next, const ListQuery& query,
                               const std::set<std::string>& groups, Merged& merged);

  Statements by_order_;
  Statements by_customer_;
  Statements by_merchant_;
  Statements by_group_;
  Statements open_;
  Statement next_group_of_merchant_;
  Statement next_group_of_kind_;
  Statement next_open_group_;
};

}  // namespace makegood::store
