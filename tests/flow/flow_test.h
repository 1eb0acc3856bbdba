// The fixture: two services' stores, a server with the event service over both, and boxes to fill.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/base/ids.h"
#include "common/flow/flow.h"
#include "common/rpc/channels.h"
#include "common/rpc/server.h"
#include "tests/support/box_service.h"
#include "tests/support/eventually.h"
#include "tests/support/rules_support.h"
#include "tests/support/scratch.h"
#include "tests/support/status_matchers.h"

namespace makegood::testing {

class FlowTest : public ::testing::Test {
 protected:
  FlowTest() { StartServer("127.0.0.1:0"); }

  void StartServer(const std::string& address) {
    feed_ =
        flow::MakeEventService({{"orders", orders_.get()}, {"claims", claims_.get()}}, policies_, shares_);
    rpc::ServerOptions options;
    options.address = address;
    server_ = std::make_unique<rpc::Server>(std::move(options));
    server_->AddService<events::v1::EventService>(*feed_);
    server_->OnDrain([this] { feed_->EndStreams(); });
    ASSERT_THAT(server_->Start(), IsOk());
    stub_ = events::v1::EventService::NewStub(rpc::MakeChannel(absl::StrCat("127.0.0.1:", server_->port())));
  }

  void StopServer() {
    server_->Drain();
    feed_.reset();
  }

  // Runs a decision in a store, as a command of its own, to its end.
  static absl::Status Run(store::Store& store, absl::string_view routing_key,
                          std::function<absl::Status(rules::Transaction&)> decide,
                          absl::string_view request_id = "r") {
    store::Work work;
    work.routing_key = std::string(routing_key);
    work.context.actor = Operations();
    work.context.request_id = std::string(request_id);
    work.context.seed = absl::StrCat(routing_key, "/", request_id);
    work.decide = [decide = std::move(decide)](rules::Transaction& tx) -> absl::StatusOr<std::string> {
      RETURN_IF_ERROR(decide(tx));
      return std::string();
    };
    absl::Status status;
    absl::Notification done;
    store.Submit(std::move(work), [&](absl::StatusOr<std::string> reply) {
      status = reply.status();
      done.Notify();
    });
    done.WaitForNotification();
    return status;
  }

  // Something happens to a box in the orders service: one event about `amount`.
  static absl::Status Happen(store::Store& store, absl::string_view box_id, int64_t amount,
                             absl::string_view request_id) {
    v1::FillBoxRequest request;
    request.set_box_id(std::string(box_id));
    request.set_amount(amount);
    return Run(
        store, box_id, [request](rules::Transaction& tx) { return FillBox(request, tx).status(); },
        request_id);
  }

  // Boxes box-1 to box-<boxes> are filled by 1 `times` times each.
  static void HappenMuch(store::Store& store, int boxes, int times, absl::string_view round) {
    for (int i = 0; i < times; ++i) {
      for (int box = 1; box <= boxes; ++box) {
        ASSERT_THAT(Happen(store, absl::StrCat("box-", box), 1, absl::StrCat(round, "-", i)), IsOk());
      }
    }
  }

  // What the box of the same name in the claims service has come to: fed by the events, each once.
  static absl::Status Follow(const events::v1::Event& event, rules::Transaction& tx) {
    v1::FillBoxRequest request;
    request.set_box_id(event.order_id());
    request.set_amount(event.order_delivered().line_count());
    return FillBox(request, tx).status();
  }

  std::unique_ptr<flow::Subscriber> Subscribe(flow::Reaction reaction = Follow) {
    return std::make_unique<flow::Subscriber>(
        "orders", std::shared_ptr<events::v1::EventService::StubInterface>(std::move(NewStub())), *claims_,
        policies_, Service(), std::move(reaction));
  }

  std::unique_ptr<events::v1::EventService::Stub> NewStub() {
    return events::v1::EventService::NewStub(rpc::MakeChannel(absl::StrCat("127.0.0.1:", server_->port())));
  }

  bool AllApplied(const flow::Subscriber& subscriber) {
    return Eventually([&] {
      const auto heads = orders_->Heads();
      return heads.ok() && subscriber.HasApplied(*heads);
    });
  }

  // All that has happened in the store.
  static std::vector<events::v1::Event> EventsIn(store::Store& store) {
    std::vector<events::v1::Event> events;
    absl::Notification read;
    store.Read([&](absl::StatusOr<store::Reader*> reader) {
      for (uint32_t part = 0; reader.ok() && part < store.parts(); ++part) {
        const auto page = (*reader)->Events(part, 0, 1000);
        EXPECT_THAT(page, IsOk());
        for (const store::StoredEvent& event : *page) {
          EXPECT_TRUE(events.emplace_back().ParseFromString(event.data));
        }
      }
      read.Notify();
    });
    read.WaitForNotification();
    return events;
  }

  // How full the box is; 0 if it is not there.
  static int64_t AmountIn(store::Store& store, const std::string& box_id) {
    int64_t amount = -1;
    absl::Notification read;
    store.Read([&](absl::StatusOr<store::Reader*> reader) {
      const auto box = rpc::GetRecord<v1::Box>(**reader, PartOf(box_id, store.parts()), box_id);
      amount = box.ok() ? box->amount() : 0;
      read.Notify();
    });
    read.WaitForNotification();
    return amount;
  }

  static constexpr size_t kStreams = 3;  // of one caller

  const Scratch scratch_;
  TestClock clock_{At("2026-09-01T10:00+02:00")};
  const rules::PolicyBook policies_;
  std::unique_ptr<store::Store> orders_ = scratch_.Open("orders", clock_);
  std::unique_ptr<store::Store> claims_ = scratch_.Open("claims", clock_);
  const std::shared_ptr<rpc::Shares> shares_ = std::make_shared<rpc::Shares>(
      rpc::ShareLimits{.streams = {.all = 5, .per_caller = kStreams, .per_store = kStreams, .kept = 2}});
  std::unique_ptr<flow::EventFeed> feed_;
  std::unique_ptr<rpc::Server> server_;
  std::unique_ptr<events::v1::EventService::Stub> stub_;
};

}  // namespace makegood::testing
