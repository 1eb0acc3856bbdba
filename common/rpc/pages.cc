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
#include "common/store/micros.h"

namespace makegood::rpc {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr int kDefaultPageSize = 50;
constexpr int kMaxPageSize = 1'000;
constexpr char kTokenVersion[] = "p2";
constexpr size_t kMarkBytes = 8;

const FieldDescriptor* FieldOf(const Message& request, const char* name) {
  return request.GetDescriptor()->FindFieldByName(name);
}

// What tells one list from another: eight bytes of a digest of all that was asked, as text.
std::string MarkOf(const Message& request) {
  const std::unique_ptr<Message> list(request.New());
  list->CopyFrom(request);
  for (const char* paging : {"page_size", "page_token"}) {
    list->GetReflection()->ClearField(list.get(), FieldOf(*list, paging));
  }
  const std::string asked = absl::StrCat(list->GetTypeName(), " ", internal::BytesOf(*list));
  return absl::BytesToHexString(Sha256(asked).substr(0, kMarkBytes));
}

absl::Status BadToken(absl::string_view problem) {
  return InvalidFields({{"page_token", std::string(problem)}});
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
  std::string text;
  if (!absl::WebSafeBase64Unescape(token, &text)) return BadToken("is not from an earlier page");
  // An id may have a ":" itself.
  const std::vector<std::string> parts = absl::StrSplit(text, absl::MaxSplits(':', 3));
  int64_t micros = 0;
  if (parts.size() != 4 || parts[0] != kTokenVersion || !absl::SimpleAtoi(parts[2], &micros)) {
    return BadToken("is not from an earlier page");
  }
  if (parts[1] != MarkOf(request)) return BadToken("is from a list of other filters or in another order");
  after.emplace(store::FromMicros(micros), parts[3]);
  return absl::OkStatus();
}

std::string PageToken(const Message& request, const store::ListPlace& place) {
  return absl::WebSafeBase64Escape(absl::StrCat(kTokenVersion, ":", MarkOf(request), ":",
                                                store::ToMicros(place.first), ":", place.second));
}

}  // namespace makegood::rpc
