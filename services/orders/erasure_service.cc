#include "services/orders/erasure_service.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/blocking_counter.h"
#include "common/base/ids.h"
#include "common/base/status.h"
#include "common/rpc/channels.h"
#include "common/rpc/pages.h"
#include "common/rules/deliveries/delivery_rules.h"
#include "common/rules/erasure_tasks.h"
#include "common/rules/orders/erasure_rules.h"
#include "common/rules/orders/order_records.h"
#include "common/rules/orders/order_states.h"
#include "common/rules/scope.h"

namespace makegood::services {
namespace {

using orders::v1::Erasure;
using orders::v1::Order;

constexpr int kOrdersAtATime = 500;
constexpr char kErasing[] = "erasing";

store::ListQuery OrdersOf(const std::string& customer_id) {
  store::ListQuery query;
  query.kind = std::string(rules::RecordTraits<Order>::kKind);
  query.customer_id = customer_id;
  query.limit = kOrdersAtATime;
  return query;
}

absl::StatusOr<rules::OrderCounts> CountOrders(store::Reader& reader, const std::string& customer_id) {
  rules::OrderCounts counts;
  RETURN_IF_ERROR(store::ForEachPage(reader, OrdersOf(customer_id), [&](const store::RecordPage& page) {
    for (const rules::StoredRecord& order : page.records) {
      Order::State state = Order::STATE_UNSPECIFIED;
      Order::State_Parse(order.columns.group, &state);
      ++counts.all;
      if (!rules::IsFinal(state)) ++counts.under_way;
    }
    return absl::OkStatus();
  }));
  return counts;
}

// Decides for each of the orders, and waits until all is on disk.
absl::Status AskErasures(const rpc::Environment& environment, const std::string& task_id,
                         const std::vector<rules::StoredRecord>& orders) {
  std::vector<absl::Status> answers(orders.size());
  absl::BlockingCounter open(static_cast<int>(orders.size()));
  for (size_t i = 0; i < orders.size(); ++i) {
    store::Work work;
    work.routing_key = orders[i].key.id;
    work.context.actor = rules::ServiceActor("orders");
    work.context.policies = &environment.policies;
    work.context.seed = absl::StrCat(task_id, "/", orders[i].key.id);
    work.context.request_id = task_id;
    work.decide = [&id = orders[i].key.id](rules::Transaction& tx) -> absl::StatusOr<std::string> {
      RETURN_IF_ERROR(rules::AskErasure(id, tx));
      return std::string();
    };
    environment.store.Submit(std::move(work), [&, i](const absl::StatusOr<std::string>& reply) {
      answers[i] = reply.status();
      open.DecrementCount();
    });
  }
  open.Wait();
  for (const absl::Status& answer : answers) RETURN_IF_ERROR(answer);
  return absl::OkStatus();
}

flow::Decision PutOff(const std::string& order_id, Erasure::Obstacle obstacle) {
  return
      [order_id, obstacle](rules::Transaction& tx) { return rules::PutOffErasure(order_id, obstacle, tx); };
}

bool IsRefused(const absl::Status& answer) { return !answer.ok() && FailureOf(answer) == Failure::kRefusal; }

// One command to another service, about the order.
template <typename Request, typename Reply, typename Stub>
absl::Status Ask(Stub& stub, grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Reply*),
                 const std::string& request_id, const std::string& order_id, absl::Time deadline) {
  Request request;
  request.mutable_command()->set_request_id(request_id);
  request.set_order_id(order_id);
  return rpc::CallNow(stub, method, request, rules::ServiceActor("orders"), deadline).status();
}

}  // namespace

grpc::ServerUnaryReactor* ErasureService::EraseCustomer(grpc::CallbackServerContext* context,
                                                        const orders::v1::EraseCustomerRequest* request,
                                                        orders::v1::EraseCustomerResponse* reply) {
  return rpc::CommandAfter<rules::OrderCounts>(
      environment_, context, request, reply, request->customer_id(),
      rpc::FetchOwn<rules::OrderCounts>(
          environment_.store,
          [id = request->customer_id()](store::Reader& reader) { return CountOrders(reader, id); }),
      rules::EraseCustomer);
}

grpc::ServerUnaryReactor* ErasureService::ListErasures(grpc::CallbackServerContext* context,
                                                       const orders::v1::ListErasuresRequest* request,
                                                       orders::v1::ListErasuresResponse* reply) {
  return rpc::Read(environment_, context, request, reply,
                   [](const orders::v1::ListErasuresRequest& wanted, const base::v1::Actor&,
                      store::Reader& reader) -> absl::StatusOr<orders::v1::ListErasuresResponse> {
                     store::ListQuery query;
                     rpc::SetFilters(wanted, query);
                     orders::v1::ListErasuresResponse page;
                     ASSIGN_OR_RETURN(
                         *page.mutable_next_page_token(),
                         rpc::ListPage<Erasure>(reader, std::move(query), wanted, *page.mutable_erasures()));
                     return page;
                   });
}

ErasureTasks::ErasureTasks(const rpc::Environment& environment, const rpc::Peers& peers)
    : environment_(environment),
      claims_(claims::v1::ClaimsService::NewStub(peers.claims)),
      notifications_(notifications::v1::NotificationsService::NewStub(peers.notifications)) {}

void ErasureTasks::AddKinds(flow::TaskKinds& kinds) {
  kinds[rules::kEraseCustomer] =
      flow::Blocking(kErasing, [this](const rules::Task& task, absl::Time) -> absl::StatusOr<flow::Decision> {
        RETURN_IF_ERROR(AskForOrders(task));
        return flow::NothingToDecide;
      });
  kinds[rules::kEraseOrder] = flow::Blocking(
      kErasing, [this](const rules::Task& task, absl::Time deadline) { return EraseOrder(task, deadline); });
  kinds[rules::kScrubStore] = flow::ScrubStore(environment_.store);
}

absl::Status ErasureTasks::AskForOrders(const rules::Task& task) const {
  return store::ForEachPage(environment_.store, OrdersOf(task.payload), [&](const store::RecordPage& page) {
    return AskErasures(environment_, task.id, page.records);
  });
}

absl::StatusOr<flow::Decision> ErasureTasks::EraseOrder(const rules::Task& task, absl::Time deadline) const {
  const std::string& order_id = task.payload;
  const uint32_t part = PartOf(order_id, environment_.store.parts());
  Order order;
  Erasure erasure;
  rules::Delivery delivery;
  RETURN_IF_ERROR(store::ReadNow(environment_.store, [&](store::Reader& reader) -> absl::Status {
    ASSIGN_OR_RETURN(order, rpc::GetRecord<Order>(reader, part, order_id));
    ASSIGN_OR_RETURN(erasure, rpc::GetRecord<Erasure>(reader, part, order_id));
    absl::StatusOr<rules::Delivery> kept = rpc::GetRecord<rules::Delivery>(reader, part, order_id);
    if (!kept.ok() && !absl::IsNotFound(kept.status())) return kept.status();
    if (kept.ok()) delivery = *std::move(kept);
    return absl::OkStatus();
  }));
  // What has not arrived is still to be brought to somebody (ORD-07).
  if (!rules::IsFinal(order.state()) || rules::IsMissing(delivery)) {
    return PutOff(order_id, Erasure::OBSTACLE_ORDER_UNDER_WAY);
  }

  // Asked for again it is another command, for there may be something new.
  const std::string request_id = MakeId("erase", part, absl::StrCat(order_id, "/", erasure.version()));
  using Claims = claims::v1::ClaimsService::StubInterface;
  const absl::Status evidence = Ask(*claims_, &Claims::EraseEvidence, request_id, order_id, deadline);
  if (absl::IsFailedPrecondition(evidence)) return PutOff(order_id, Erasure::OBSTACLE_OPEN_CLAIM);
  if (IsRefused(evidence)) return PutOff(order_id, Erasure::OBSTACLE_REFUSED);
  RETURN_IF_ERROR(evidence);
  using Notifications = notifications::v1::NotificationsService::StubInterface;
  const absl::Status words =
      Ask(*notifications_, &Notifications::EraseThread, request_id, order_id, deadline);
  if (IsRefused(words)) return PutOff(order_id, Erasure::OBSTACLE_REFUSED);
  RETURN_IF_ERROR(words);
  return flow::Decision([order_id](rules::Transaction& tx) -> absl::Status {
    RETURN_IF_ERROR(rules::EraseTaker(order_id, tx));
    return rules::FinishErasure(order_id, tx);
  });
}

}  // namespace makegood::services
