// The fixture: the tests' own service on a real store, behind a real server.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "common/rpc/channels.h"
#include "common/rpc/server.h"
#include "tests/support/box_service.h"
#include "tests/support/rules_support.h"
#include "tests/support/scratch.h"
#include "tests/support/status_matchers.h"

namespace makegood::testing {

class RpcTest : public ::testing::Test {
 protected:
  RpcTest() { StartServer(rpc::ServerOptions()); }

  void StartServer(rpc::ServerOptions options) {
    server_ = std::make_unique<rpc::Server>(std::move(options));
    server_->AddService<v1::BoxService>(service_);
    EXPECT_THAT(server_->Start(), IsOk());
    // A connection of its own, over loopback.
    channel_ = rpc::MakeChannel(absl::StrCat("127.0.0.1:", server_->port()));
    stub_ = v1::BoxService::NewStub(channel_);
    service_.set_owner(v1::BoxService::NewStub(server_->InProcessChannel()));
  }

  static v1::FillBoxRequest Fill(absl::string_view request_id, absl::string_view box_id, int64_t amount) {
    v1::FillBoxRequest request;
    request.mutable_command()->set_request_id(std::string(request_id));
    request.set_box_id(std::string(box_id));
    request.set_amount(amount);
    return request;
  }

  absl::StatusOr<v1::Box> Call(const v1::FillBoxRequest& request,
                               const base::v1::Actor& actor = Operations()) {
    return Unary(&v1::BoxService::Stub::FillBox, request, actor);
  }

  absl::StatusOr<v1::Box> Call(const v1::CopyBoxRequest& request) {
    return Unary(&v1::BoxService::Stub::CopyBox, request, Operations());
  }

  absl::StatusOr<v1::Box> Get(absl::string_view box_id, const base::v1::Actor& actor = Operations()) {
    v1::GetBoxRequest request;
    request.set_box_id(std::string(box_id));
    return Unary(&v1::BoxService::Stub::GetBox, request, actor);
  }

  // With metadata as given, whatever it is.
  absl::Status GetAs(const std::vector<std::pair<std::string, std::string>>& metadata) {
    grpc::ClientContext context;
    for (const auto& [key, value] : metadata) context.AddMetadata(key, value);
    context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(20)));
    v1::GetBoxRequest request;
    request.set_box_id("box-1");
    v1::Box reply;
    return rpc::FromGrpc(stub_->GetBox(&context, request, &reply));
  }

  template <typename Request, typename Reply>
  absl::StatusOr<Reply> Unary(grpc::Status (v1::BoxService::Stub::*method)(grpc::ClientContext*,
                                                                           const Request&, Reply*),
                              const Request& request, const base::v1::Actor& actor) {
    grpc::ClientContext context;
    rpc::Prepare(context, actor, absl::Seconds(20));
    Reply reply;
    const grpc::Status status = (stub_.get()->*method)(&context, request, &reply);
    if (!status.ok()) return rpc::FromGrpc(status);
    return reply;
  }

  std::vector<std::string> refused_rules() {
    absl::MutexLock lock(&mutex_);
    return refused_rules_;
  }

  const Scratch scratch_;
  TestClock clock_{At("2026-09-01T10:00+02:00")};
  const rules::PolicyBook policies_;
  const std::unique_ptr<store::Store> store_ = scratch_.Open("orders", clock_);
  absl::Mutex mutex_;
  std::vector<std::string> refused_rules_ ABSL_GUARDED_BY(mutex_);
  const rpc::Environment environment_{*store_, policies_, clock_, [this](absl::string_view rule) {
                                        absl::MutexLock lock(&mutex_);
                                        refused_rules_.emplace_back(rule);
                                      }};
  BoxServiceImpl service_{environment_};
  std::unique_ptr<rpc::Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::BoxService::Stub> stub_;
};

}  // namespace makegood::testing
