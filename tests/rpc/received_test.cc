// What a caller sends outside the contract, and what cannot be read at all.
#include <grpcpp/generic/generic_stub.h>

#include "absl/synchronization/notification.h"
#include "google/protobuf/unknown_field_set.h"
#include "tests/rpc/rpc_test.h"

namespace makegood::testing {
namespace {

using ::testing::HasSubstr;

class Received : public RpcTest {
 protected:
  // FillBox with these bytes as its request.
  absl::Status FillWith(const std::string& bytes) {
    grpc::GenericStub stub(channel_);
    grpc::ClientContext context;
    rpc::Prepare(context, Operations(), absl::Seconds(20));
    const grpc::Slice slice(bytes);
    const grpc::ByteBuffer sent(&slice, 1);
    grpc::ByteBuffer received;
    grpc::Status status;
    absl::Notification done;
    stub.UnaryCall(&context, "/makegood.testing.v1.BoxService/FillBox", grpc::StubOptions(), &sent, &received,
                   [&](grpc::Status result) {
                     status = result;
                     done.Notify();
                   });
    done.WaitForNotification();
    return rpc::FromGrpc(status);
  }
};

void AddUnknown(google::protobuf::Message& message, const std::string& text) {
  message.GetReflection()->MutableUnknownFields(&message)->AddLengthDelimited(12345, text);
}

TEST_F(Received, SYS_10_UnknownFieldsAreGoneAtAnyDepth) {
  const std::string secret(100'000, 's');
  v1::FillBoxRequest request = Fill("r-1", "box-1", 10);
  request.add_labels()->set_text("fragile");
  AddUnknown(request, secret);
  AddUnknown(*request.mutable_command(), secret);
  AddUnknown(*request.mutable_labels(0), secret);
  v1::FillBoxRequest seen;
  service_.set_seen(&seen);
  ASSERT_THAT(Call(request), IsOk());
  service_.set_seen(nullptr);
  v1::FillBoxRequest known = Fill("r-1", "box-1", 10);
  known.add_labels()->set_text("fragile");
  EXPECT_EQ(seen.SerializeAsString(), known.SerializeAsString());
}

TEST_F(Received, SYS_10_UnknownFieldsAreNoPartOfTheContentThatIsRepeated) {
  v1::FillBoxRequest request = Fill("r-1", "box-1", 10);
  ASSERT_THAT(Call(request), IsOk());
  AddUnknown(request, "something else");
  const absl::StatusOr<v1::Box> again = Call(request);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->amount(), 10);
}

TEST_F(Received, SYS_07_WhatCannotBeReadIsInvalid) {
  const std::string good = Fill("r-1", "box-1", 10).SerializeAsString();
  ASSERT_THAT(FillWith(good), IsOk());
  for (const std::string& bad :
       {good.substr(0, good.size() - 1), std::string("\xff\xff\xff"),
        Fill("r-2", "box-1", 10).SerializeAsString() + std::string("\x12\x02\xc3\x28", 4)}) {
    const absl::Status status = FillWith(bad);
    EXPECT_THAT(status, NamesField("request"));
    EXPECT_THAT(std::string(status.message()), HasSubstr("FillBoxRequest"));
  }
}

}  // namespace
}  // namespace makegood::testing
