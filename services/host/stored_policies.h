// POL-02: a case is judged by the policy version it was opened under, for ever; so every version a
// service ran with is kept in its own store.
#pragma once

#include "absl/status/status.h"
#include "common/rules/policy/policy_book.h"
#include "common/store/store.h"

namespace makegood::services {

// Adds the versions `store` keeps to `book`, and keeps the current ones of `book` in it. Blocks;
// call once for each store, after every commit listener is registered and before serving: a book
// that lacks an older version would not find the policy of an older case, and it is read without a
// lock from then on. A process with several stores calls it for each of them on the one book.
// ALREADY_EXISTS if a stored version has other content than the book's: a version once used never
// changes, the file needs a new version number.
absl::Status KeepPolicies(store::Store& store, rules::PolicyBook& book);

}  // namespace makegood::services
