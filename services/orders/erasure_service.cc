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
#include "common/rules/erasure_rules.h"
#include "common/rules/erasure_tasks.h"
#include "common/rules/order_records.h"
#include "common/rules/order_states.h"

namespace makegood::services {
namespace {

using orders::v1::Erasure;
using orders::v1::Order;

constexpr int kOrdersAtATime = 500;

store::ListQuery OrdersOf(const std::string& customer_id) {
  store::ListQuery query;
  query.kind = std::string(rules::RecordTraits<Order>::kKind);
  query.customer_id = customer_id;
  query.limit = kOrdersAtATime;
  return query;
}

absl::StatusOr<rules::OrderCounts> CountOrders(store::Reader& reader, const std::string& customer_id) {
  store::ListQuery query = OrdersOf(customer_id);
  rules::OrderCounts counts;
  store::RecordPage page;
  do {
    ASSIGN_OR_RETURN(page, reader.List(query));
    for (const rules::StoredRecord& order : page.records) {
      Order::State state = Order::STATE_UNSPECIFIED;
      Order::State_Parse(order.columns.state, &state);
      ++counts.all;
      if (!rules::IsFinal(state)) ++counts.under_way;
      query.after = query.PlaceOf(order);
    }
  } while (page.more);
  return counts;
}

rpc::Fetch<rules::OrderCounts> FetchOrderCounts(store::Store& store, const std::string& customer_id) {
  return [&store, customer_id](absl::AnyInvocable<void(absl::StatusOr<rules::OrderCounts>)> done) {
    store.Read([customer_id, done = std::move(done)](absl::StatusOr<store::Reader*> reader) mutable {
      done(reader.ok() ? CountOrders(**reader, customer_id) : reader.status());
    });
  };
}

// Decides for each of the orders, and waits until all is on disk.
absl::Status AskErasures(const rpc::Edge& edge, const std::string& task_id,
                         const std::vector<rules::StoredRecord>& orders) {
  std::vector<absl::Status> answers(orders.size());
  absl::BlockingCounter open(static_cast<int>(orders.size()));
  for (size_t i = 0; i < orders.size(); ++i) {
    store::Work work;
    work.routing_key = orders[i].key.id;
    work.context.actor = OrdersActor();
    work.context.policies = &edge.policies;
    work.context.seed = absl::StrCat(task_id, "/", orders[i].key.id);
    work.context.request_id = task_id;
    work.decide = [&id = orders[i].key.id](rules::Unit& unit) -> absl::StatusOr<std::string> {
      RETURN_IF_ERROR(rules::AskErasure(id, unit));
      return std::string();
    };
    edge.store.Submit(std::move(work), [&, i](const absl::StatusOr<std::string>& reply) {
      answers[i] = reply.status();
      open.DecrementCount();
    });
  }
  open.Wait();
  for (const absl::Status& answer : answers) RETURN_IF_ERROR(answer);
  return absl::OkStatus();
}

flow::Decision PutOff(const std::string& order_id, Erasure::Obstacle obstacle) {
  return [order_id, obstacle](rules::Unit& unit) { return rules::PutOffErasure(order_id, obstacle, unit); };
}

// One command to another service, about the order.
template <typename Request, typename Reply, typename Stub>
absl::Status Ask(Stub& stub, grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Reply*),
                 const std::string& request_id, const std::string& order_id, absl::Time deadline) {
  Request request;
  request.mutable_command()->set_request_id(request_id);
  request.set_order_id(order_id);
  grpc::ClientContext context;
  rpc::Prepare(context, OrdersActor(), deadline);
  Reply reply;
  return rpc::FromGrpc((stub.*method)(&context, request, &reply));
}

}  // namespace

base::v1::Actor OrdersActor() {
  base::v1::Actor actor;
  actor.set_role(base::v1::ROLE_SERVICE);
  actor.set_actor_id("orders");
  return actor;
}

grpc::ServerUnaryReactor* ErasureService::EraseCustomer(grpc::CallbackServerContext* context,
                                                        const orders::v1::EraseCustomerRequest* request,
                                                        orders::v1::EraseCustomerResponse* reply) {
  return rpc::CommandAfter<rules::OrderCounts>(edge_, context, request, reply, request->customer_id(),
                                               FetchOrderCounts(edge_.store, request->customer_id()),
                                               rules::EraseCustomer);
}

grpc::ServerUnaryReactor* ErasureService::ListErasures(grpc::CallbackServerContext* context,
                                                       const orders::v1::ListErasuresRequest* request,
                                                       orders::v1::ListErasuresResponse* reply) {
  return rpc::Read(edge_, context, request, reply,
                   [](const orders::v1::ListErasuresRequest& wanted, const base::v1::Actor&,
                      store::Reader& reader) -> absl::StatusOr<orders::v1::ListErasuresResponse> {
                     store::ListQuery query;
                     query.customer_id = wanted.customer_id();
                     rpc::SetFilters(wanted, query);
                     orders::v1::ListErasuresResponse page;
                     ASSIGN_OR_RETURN(
                         *page.mutable_next_page_token(),
                         rpc::ListPage<Erasure>(reader, std::move(query), wanted, *page.mutable_erasures()));
                     return page;
                   });
}

ErasureTasks::ErasureTasks(const rpc::Edge& edge, const rpc::Peers& peers)
    : edge_(edge),
      claims_(claims::v1::ClaimsService::NewStub(peers.claims)),
      notifications_(notifications::v1::NotificationsService::NewStub(peers.notifications)) {}

void ErasureTasks::AddHandlers(absl::flat_hash_map<std::string, flow::TaskHandler>& handlers) {
  handlers[rules::kEraseCustomer] = [this](const rules::Task& task,
                                           absl::Time) -> absl::StatusOr<flow::Decision> {
    RETURN_IF_ERROR(AskForOrders(task));
    return flow::Decision([](rules::Unit&) { return absl::OkStatus(); });
  };
  handlers[rules::kEraseOrder] = [this](const rules::Task& task, absl::Time deadline) {
    return EraseOrder(task, deadline);
  };
  handlers[rules::kScrubStore] = flow::ScrubStore(edge_.store);
}

absl::Status ErasureTasks::AskForOrders(const rules::Task& task) const {
  store::ListQuery query = OrdersOf(task.payload);
  store::RecordPage page;
  do {
    RETURN_IF_ERROR(store::ReadNow(edge_.store, [&](store::Reader& reader) -> absl::Status {
      ASSIGN_OR_RETURN(page, reader.List(query));
      return absl::OkStatus();
    }));
    RETURN_IF_ERROR(AskErasures(edge_, task.id, page.records));
    if (page.more) query.after = query.PlaceOf(page.records.back());
  } while (page.more);
  return absl::OkStatus();
}

absl::StatusOr<flow::Decision> ErasureTasks::EraseOrder(const rules::Task& task, absl::Time deadline) const {
  const std::string& order_id = task.payload;
  const uint32_t part = PartOf(order_id, edge_.store.parts());
  Order order;
  Erasure erasure;
  RETURN_IF_ERROR(store::ReadNow(edge_.store, [&](store::Reader& reader) -> absl::Status {
    ASSIGN_OR_RETURN(order, rpc::GetRecord<Order>(reader, part, order_id));
    ASSIGN_OR_RETURN(erasure, rpc::GetRecord<Erasure>(reader, part, order_id));
    return absl::OkStatus();
  }));
  if (!rules::IsFinal(order.state())) return PutOff(order_id, Erasure::OBSTACLE_ORDER_UNDER_WAY);

  // Asked for again it is another command, for there may be something new.
  const std::string request_id = MakeId("erase", part, absl::StrCat(order_id, "/", erasure.version()));
  using Claims = claims::v1::ClaimsService::StubInterface;
  const absl::Status evidence = Ask(*claims_, &Claims::EraseEvidence, request_id, order_id, deadline);
  if (absl::IsFailedPrecondition(evidence)) return PutOff(order_id, Erasure::OBSTACLE_OPEN_CLAIM);
  RETURN_IF_ERROR(evidence);
  using Notifications = notifications::v1::NotificationsService::StubInterface;
  RETURN_IF_ERROR(Ask(*notifications_, &Notifications::EraseThread, request_id, order_id, deadline));
  return flow::Decision([order_id](rules::Unit& unit) { return rules::FinishErasure(order_id, unit); });
}

}  // namespace makegood::services
