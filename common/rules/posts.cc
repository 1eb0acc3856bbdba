#include "common/rules/posts.h"

#include <algorithm>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/rules/times.h"
#include "makegood/base/v1/reservation.pb.h"

namespace makegood::rules {

using base::v1::PostCounter;

template <>
struct RecordTraits<PostCounter> {
  static constexpr absl::string_view kKind = "post_counter";
  static std::string Id(const PostCounter& counter) { return counter.counter_id(); }
  static RecordColumns Columns(const PostCounter& counter) {
    return RecordColumns::ByKeyAlone(ToTime(counter.create_time()));
  }
};

namespace {

constexpr char kCounter[] = "posts";

}  // namespace

absl::Status PostTo(absl::string_view routing_key, absl::string_view kind,
                    const google::protobuf::MessageLite& message, Transaction& tx) {
  ASSIGN_OR_RETURN(const std::optional<PostCounter> found, tx.Find<PostCounter>(kCounter));
  PostCounter counter = found.value_or(PostCounter());
  counter.set_counter_id(kCounter);
  counter.set_last(counter.last() + 1);
  // Tasks of a part are done in order of their times, and of their ids where those are the same.
  const absl::Time time = std::max(tx.now(), ToTime(counter.last_time()));
  *counter.mutable_last_time() = ToTimestamp(time);
  tx.Put(counter);
  base::v1::Post post;
  post.set_routing_key(std::string(routing_key));
  post.set_message(message.SerializeAsString());
  post.set_from_part(tx.part());
  tx.Schedule({absl::StrCat("post:", absl::Dec(counter.last(), absl::kZeroPad16)), std::string(kind), time,
               post.SerializeAsString()});
  return absl::OkStatus();
}

}  // namespace makegood::rules
