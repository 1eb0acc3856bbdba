// Lists by pages: which records a request asks for, and where the next page begins.
//
// A page's token belongs to the list it came from: to the request but for its page_size and page_token. With
// other filters or in another order its place would mean something else, so that it is refused there.
#pragma once

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/base/status.h"
#include "common/rules/times.h"
#include "common/rules/transaction.h"
#include "common/store/store.h"
#include "google/protobuf/message.h"

namespace makegood::rpc {

// No page is larger, but for a single record: a default client takes 4 MiB.
inline constexpr size_t kPageBytes = 1 << 20;

// `limit` and `after` of a query from the page_size and page_token of a request. A `limit` <= 0 means 50, as
// long as the request says nothing else. INVALID_ARGUMENT for a token that is not from such a list.
absl::Status SetPage(const google::protobuf::Message& request, int& limit,
                     std::optional<store::ListPlace>& after);

// The token of a page that ends with `place`.
std::string PageToken(const google::protobuf::Message& request, const store::ListPlace& place);

// Why a list of all, open or not, cannot be of one marketplace.
absl::Status MarketplaceOfAll();

// ROL-11: customers list their own, whoever is of a store (its people, software or couriers) the store's; who
// asks for another's is refused.
absl::Status LimitToOwn(const base::v1::Actor& actor, store::ListQuery& query);

// Whether the actor's lists are of everybody's.
bool ReadsAll(const base::v1::Actor& actor);

// Whose records a request asks for, in which states and of which range of create times, as far as it can say.
template <typename Request>
void SetFilters(const Request& request, store::ListQuery& query) {
  if constexpr (requires { request.order_id(); }) query.order_id = request.order_id();
  if constexpr (requires { request.merchant_id(); }) query.merchant_id = request.merchant_id();
  if constexpr (requires { request.customer_id(); }) query.customer_id = request.customer_id();
  if constexpr (requires { request.states(); }) {
    const auto& type = *Request::descriptor()->FindFieldByName("states")->enum_type();
    for (const int state : request.states()) query.groups.push_back(type.FindValueByNumber(state)->name());
  }
  if constexpr (requires { request.created_from(); }) {
    if (request.has_created_from()) query.from = rules::ToTime(request.created_from());
    if (request.has_created_before()) query.until = rules::ToTime(request.created_before());
  }
}

// What is overdue `now`, or due before a time.
template <typename Request>
void SetDueFilters(const Request& request, absl::Time now, store::ListQuery& query) {
  if (request.has_due_before()) query.due_before = rules::ToTime(request.due_before());
  if constexpr (requires { request.overdue_only(); }) {
    // The store keeps microseconds, and what is due now is overdue.
    const absl::Time overdue = absl::FromUnixMicros(absl::ToUnixMicros(now) + 1);
    if (request.overdue_only()) query.due_before = std::min(query.due_before.value_or(overdue), overdue);
  }
}

// The same and due times, for records that have them, and in which order; and at which
// marketplace, which is known of what is open alone: INVALID_ARGUMENT where all are asked for.
template <typename Request>
absl::Status SetFilters(const Request& request, absl::Time now, store::ListQuery& query) {
  SetFilters(request, query);
  SetDueFilters(request, now, query);
  if (request.most_urgent_first()) query.order = store::ListOrder::kMostUrgentFirst;
  if (request.marketplace().empty()) return absl::OkStatus();
  if (!query.open_only()) return MarketplaceOfAll();
  query.open_at = request.marketplace();
  return absl::OkStatus();
}

// One page of a list: fills `records` (repeated M) and returns the next page's token, empty at the
// end. `complete` adds to each record what is not stored; the page ends before it would be too large with it.
// What `shown` is not true for is passed over, so that a page may hold less, or nothing, before the end.
// INVALID_ARGUMENT for a token that is not from this list.
template <typename M>
absl::StatusOr<std::string> ListPage(
    store::Reader& reader, store::ListQuery query, const google::protobuf::Message& request,
    google::protobuf::RepeatedPtrField<M>& records,
    const std::function<absl::Status(M&)>& complete = [](M&) { return absl::OkStatus(); },
    const std::function<bool(const M&)>& shown = [](const M&) { return true; }) {
  query.kind = std::string(rules::RecordTraits<M>::kKind);
  query.max_bytes = kPageBytes;
  RETURN_IF_ERROR(SetPage(request, query.limit, query.after));
  ASSIGN_OR_RETURN(const store::RecordPage page, reader.List(query));
  size_t bytes = 0;
  const rules::StoredRecord* last = nullptr;
  for (const rules::StoredRecord& stored : page.records) {
    ASSIGN_OR_RETURN(M record, rules::Read<M>(stored));
    if (!shown(record)) {
      last = &stored;
      continue;
    }
    RETURN_IF_ERROR(complete(record));
    bytes += record.ByteSizeLong();
    if (bytes > kPageBytes && last != nullptr) return PageToken(request, query.PlaceOf(*last));
    *records.Add() = std::move(record);
    last = &stored;
  }
  return page.more ? PageToken(request, query.PlaceOf(*last)) : std::string();
}

}  // namespace makegood::rpc
