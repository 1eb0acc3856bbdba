#include "tools/makegoodctl/client/call.h"

#include <grpcpp/generic/generic_stub.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/base/status.h"
#include "common/rpc/channels.h"

namespace makegood::ctl {
namespace {

using google::protobuf::Message;
using google::protobuf::MethodDescriptor;

constexpr absl::Duration kShowEvery = absl::Milliseconds(100);

grpc::ByteBuffer ToBuffer(const Message& message) {
  const grpc::Slice slice(message.SerializeAsString());
  return {&slice, 1};
}

bool FromBuffer(const grpc::ByteBuffer& buffer, Message& message) {
  std::vector<grpc::Slice> slices;
  if (!buffer.Dump(&slices).ok()) return false;
  std::string bytes;
  for (const grpc::Slice& slice : slices)
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  return message.ParseFromString(bytes);
}

absl::Status CallOnce(Client& client, const base::v1::Actor& actor, const MethodDescriptor& method,
                      const grpc::ByteBuffer& request, absl::Time deadline, Progress& progress,
                      grpc::ByteBuffer& reply) {
  grpc::ClientContext context;
  rpc::Prepare(context, actor, deadline);
  grpc::GenericStub stub(client.channel);
  grpc::Status status;
  absl::Notification done;
  stub.UnaryCall(&context, absl::StrCat("/", method.service()->full_name(), "/", method.name()), {}, &request,
                 &reply, [&status, &done](grpc::Status answer) {
                   status = std::move(answer);
                   done.Notify();
                 });
  while (!done.WaitForNotificationWithTimeout(kShowEvery)) progress.Show();
  return rpc::FromGrpc(status);
}

// Sleeps, and lets a person see that something is going on.
void Pause(absl::Duration duration, Progress& progress) {
  const absl::Time end = absl::Now() + duration;
  for (absl::Duration left = duration; left > absl::ZeroDuration(); left = end - absl::Now()) {
    progress.Show();
    absl::SleepFor(std::min(left, kShowEvery));
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<Message>> CallMethod(Client& client, const base::v1::Actor& actor,
                                                    const MethodDescriptor& method, const Message& request,
                                                    absl::Duration timeout, Progress& progress) {
  using Reply = std::unique_ptr<Message>;
  const grpc::ByteBuffer sent = ToBuffer(request);
  const absl::Time deadline = absl::Now() + timeout;
  const auto attempt = [&]() -> absl::StatusOr<Reply> {
    grpc::ByteBuffer received;
    RETURN_IF_ERROR(CallOnce(client, actor, method, sent, deadline, progress, received));
    Reply reply(
        google::protobuf::MessageFactory::generated_factory()->GetPrototype(method.output_type())->New());
    if (!FromBuffer(received, *reply)) return absl::InternalError("the server's answer cannot be read");
    return reply;
  };
  return Retried(deadline, attempt, [&progress](int number, const absl::Status& status) {
    progress.Say(absl::StrCat("no answer (", absl::StatusCodeToString(status.code()), "), attempt ",
                              number + 1, " of ", kMaxAttempts));
    Pause(RetryDelay(number), progress);
  });
}

}  // namespace makegood::ctl
