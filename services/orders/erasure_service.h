// Erasing customers (SYS-09): what Operations ask, and the tasks that do it order by order in all services.
#pragma once

#include <memory>

#include "common/flow/flow.h"
#include "common/rpc/peers.h"
#include "common/rpc/rpc.h"
#include "makegood/claims/v1/claims_service.grpc.pb.h"
#include "makegood/notifications/v1/notifications_service.grpc.pb.h"
#include "makegood/orders/v1/erasure_service.grpc.pb.h"

namespace makegood::services {

// `environment` outlives it; it outlives the server.
class ErasureService final : public orders::v1::ErasureService::CallbackService {
 public:
  explicit ErasureService(const rpc::Environment& environment) : environment_(environment) {}

  grpc::ServerUnaryReactor* EraseCustomer(grpc::CallbackServerContext* context,
                                          const orders::v1::EraseCustomerRequest* request,
                                          orders::v1::EraseCustomerResponse* reply) override;
  grpc::ServerUnaryReactor* ListErasures(grpc::CallbackServerContext* context,
                                         const orders::v1::ListErasuresRequest* request,
                                         orders::v1::ListErasuresResponse* reply) override;

 private:
  const rpc::Environment& environment_;
};

// Thread-safe. `environment` outlives it.
class ErasureTasks {
 public:
  ErasureTasks(const rpc::Environment& environment, const rpc::Peers& peers);

  // They use this object.
  void AddKinds(flow::TaskKinds& kinds);

 private:
  // Every order the customer has by now is to be erased.
  absl::Status AskForOrders(const rules::Task& task) const;
  absl::StatusOr<flow::Decision> EraseOrder(const rules::Task& task, absl::Time deadline) const;

  const rpc::Environment& environment_;
  const std::unique_ptr<claims::v1::ClaimsService::StubInterface> claims_;
  const std::unique_ptr<notifications::v1::NotificationsService::StubInterface> notifications_;
};

}  // namespace makegood::services
