#include "common/rpc/pages.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/ids.h"
#include "common/rpc/internal.h"
#include "common/rules/scope.h"
#include "common/store/micros.h"

namespace makegood::rpc {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr int kDefaultPageSize = 50;
constexpr int kMaxPageSize = 1'000;
constexpr char kTokenVersion[] = "p3";
constexpr size_t kMarkBytes = 8;

const FieldDescriptor* FieldOf(const Message& request, const char* name) {
  return request.GetDescriptor()->FindFieldByName(name);
}

// Ties a place to its list: eight bytes of a digest of all that was asked, and of the place, as text.
std::string MarkOf(const Message& request, absl::string_view place) {
  const std::unique_ptr<Message> list(request.New());
  list->CopyFrom(request);
  for (const char* paging : {"page_size", "page_token"}) {
    list->GetReflection()->ClearField(list.get(), FieldOf(*list, paging));
  }
  const std::string asked = absl::StrCat(list->GetTypeName(), " ", place, " ", internal::BytesOf(*list));
  return absl::BytesToHexString(Sha256(asked).substr(0, kMarkBytes));
}

// The place that a token names, if it is one of this list as it was given.
std::optional<store::ListPlace> PlaceOf(const Message& request, const std::string& token) {
  std::string text;
  if (!absl::WebSafeBase64Unescape(token, &text)) return std::nullopt;
  // An id may have a ":" itself.
  const std::vector<std::string> parts = absl::StrSplit(text, absl::MaxSplits(':', 3));
  int64_t micros = 0;
  if (parts.size() != 4 || !absl::SimpleAtoi(parts[2], &micros)) return std::nullopt;
  store::ListPlace place(store::FromMicros(micros), parts[3]);
  if (PageToken(request, place) != token) return std::nullopt;
  return place;
}

}  // namespace

absl::Status SetPage(const Message& request, int& limit, std::optional<store::ListPlace>& after) {
  const int page_size = request.GetReflection()->GetInt32(request, FieldOf(request, "page_size"));
  if (page_size < 0) return InvalidFields({{"page_size", "is negative"}});
  if (page_size > 0) limit = page_size;
  if (limit <= 0) limit = kDefaultPageSize;
  limit = std::min(limit, kMaxPageSize);
  const std::string token = request.GetReflection()->GetString(request, FieldOf(request, "page_token"));
  if (token.empty()) return absl::OkStatus();
  after = PlaceOf(request, token);
  if (!after.has_value()) {
    return InvalidFields(
        {{"page_token", "is not from an earlier page of this list, with these filters and order"}});
  }
  return absl::OkStatus();
}

absl::Status MarketplaceOfAll() {
  return InvalidFields(
      {{"marketplace",
        "is known of what is open alone: ask for what is due before a time, or overdue, or the "
        "most urgent first"}});
}

absl::Status LimitToOwn(const base::v1::Actor& actor, store::ListQuery& query) {
  const auto limit = [](std::string& filter, const std::string& own) {
    if (own.empty() || (!filter.empty() && filter != own)) {
      return Denied("ROL-11", "only the caller's own can be listed");
    }
    filter = own;
    return absl::OkStatus();
  };
  if (actor.role() == base::v1::ROLE_CUSTOMER) return limit(query.customer_id, actor.actor_id());
  const bool of_a_store = rules::IsStorePeople(actor.role()) || !actor.store_id().empty();
  return of_a_store ? limit(query.merchant_id, actor.store_id()) : absl::OkStatus();
}

bool ReadsAll(const base::v1::Actor& actor) {
  store::ListQuery own;
  return LimitToOwn(actor, own).ok() && own.merchant_id.empty() && own.customer_id.empty();
}

std::string PageToken(const Message& request, const store::ListPlace& place) {
  const std::string where = absl::StrCat(store::ToMicros(place.first), ":", place.second);
  return absl::WebSafeBase64Escape(absl::StrCat(kTokenVersion, ":", MarkOf(request, where), ":", where));
}

}  // namespace makegood::rpc
