// OrdersService, FastCentrikService and PolicyService: the wire, and nothing else.
#pragma once

#include <grpcpp/grpcpp.h>

#include "common/rpc/rpc.h"
#include "makegood/base/v1/policy.grpc.pb.h"
#include "makegood/orders/v1/fastcentrik_service.grpc.pb.h"
#include "makegood/orders/v1/orders_service.grpc.pb.h"
#include "services/orders/number_binder.h"
#include "services/orders/order_reads.h"

namespace makegood::services {

// `environment` and `numbers` outlive it; it outlives the server.
class OrdersService final : public orders::v1::OrdersService::CallbackService {
 public:
  OrdersService(const rpc::Environment& environment, const NumberBinder& numbers)
      : environment_(environment), numbers_(numbers), reads_(environment) {}

  grpc::ServerUnaryReactor* CreateOrder(grpc::CallbackServerContext* context,
                                        const orders::v1::CreateOrderRequest* request,
                                        orders::v1::Order* reply) override;
  grpc::ServerUnaryReactor* ImportOrder(grpc::CallbackServerContext* context,
                                        const orders::v1::ImportOrderRequest* request,
                                        orders::v1::Order* reply) override;
  grpc::ServerUnaryReactor* StartShipping(grpc::CallbackServerContext* context,
                                          const orders::v1::StartShippingRequest* request,
                                          orders::v1::Order* reply) override;
  grpc::ServerUnaryReactor* HandOver(grpc::CallbackServerContext* context,
                                     const orders::v1::HandOverRequest* request,
                                     orders::v1::Order* reply) override;
  grpc::ServerUnaryReactor* RecordDelivery(grpc::CallbackServerContext* context,
                                           const orders::v1::RecordDeliveryRequest* request,
                                           orders::v1::Order* reply) override;
  grpc::ServerUnaryReactor* MarkReturned(grpc::CallbackServerContext* context,
                                         const orders::v1::MarkReturnedRequest* request,
                                         orders::v1::Order* reply) override;
  grpc::ServerUnaryReactor* CancelOrder(grpc::CallbackServerContext* context,
                                        const orders::v1::CancelOrderRequest* request,
                                        orders::v1::Order* reply) override;
  grpc::ServerUnaryReactor* TakeOffUnits(grpc::CallbackServerContext* context,
                                         const orders::v1::TakeOffUnitsRequest* request,
                                         orders::v1::Order* reply) override;
  grpc::ServerUnaryReactor* PlaceHold(grpc::CallbackServerContext* context,
                                      const orders::v1::PlaceHoldRequest* request,
                                      orders::v1::Order* reply) override;
  grpc::ServerUnaryReactor* ReleaseHold(grpc::CallbackServerContext* context,
                                        const orders::v1::ReleaseHoldRequest* request,
                                        orders::v1::Order* reply) override;
  grpc::ServerUnaryReactor* ReportFalseDelivery(grpc::CallbackServerContext* context,
                                                const orders::v1::ReportFalseDeliveryRequest* request,
                                                orders::v1::Order* reply) override;
  grpc::ServerUnaryReactor* AssignReturnNumber(grpc::CallbackServerContext* context,
                                               const orders::v1::AssignReturnNumberRequest* request,
                                               orders::v1::Order* reply) override;
  grpc::ServerUnaryReactor* GetOrder(grpc::CallbackServerContext* context,
                                     const orders::v1::GetOrderRequest* request,
                                     orders::v1::Order* reply) override;
  grpc::ServerUnaryReactor* ListOrders(grpc::CallbackServerContext* context,
                                       const orders::v1::ListOrdersRequest* request,
                                       orders::v1::ListOrdersResponse* reply) override;
  grpc::ServerUnaryReactor* GetCorrection(grpc::CallbackServerContext* context,
                                          const orders::v1::GetCorrectionRequest* request,
                                          orders::v1::CorrectionCase* reply) override;
  grpc::ServerUnaryReactor* ListCorrections(grpc::CallbackServerContext* context,
                                            const orders::v1::ListCorrectionsRequest* request,
                                            orders::v1::ListCorrectionsResponse* reply) override;

 private:
  const rpc::Environment& environment_;
  const NumberBinder& numbers_;
  const OrderReads reads_;
};

// The connector to FastCentrik shops (ORD-08). `environment` outlives it; it outlives the server.
class FastCentrikService final : public orders::v1::FastCentrikService::CallbackService {
 public:
  explicit FastCentrikService(const rpc::Environment& environment)
      : environment_(environment), reads_(environment) {}

  grpc::ServerUnaryReactor* ExportOrders(grpc::CallbackServerContext* context,
                                         const orders::v1::ExportOrdersRequest* request,
                                         orders::v1::ExportOrdersResponse* reply) override;
  grpc::ServerUnaryReactor* ReportStatus(grpc::CallbackServerContext* context,
                                         const orders::v1::ReportStatusRequest* request,
                                         orders::v1::ReportStatusResponse* reply) override;
  grpc::ServerUnaryReactor* CompareStatuses(grpc::CallbackServerContext* context,
                                            const orders::v1::CompareStatusesRequest* request,
                                            orders::v1::CompareStatusesResponse* reply) override;

 private:
  const rpc::Environment& environment_;
  const OrderReads reads_;
};

// The policies this server has loaded (POL-01). `environment` outlives it; it outlives the server.
class PolicyService final : public base::v1::PolicyService::CallbackService {
 public:
  explicit PolicyService(const rpc::Environment& environment) : environment_(environment) {}

  grpc::ServerUnaryReactor* GetPolicy(grpc::CallbackServerContext* context,
                                      const base::v1::GetPolicyRequest* request,
                                      base::v1::Policy* reply) override;
  grpc::ServerUnaryReactor* ListPolicies(grpc::CallbackServerContext* context,
                                         const base::v1::ListPoliciesRequest* request,
                                         base::v1::ListPoliciesResponse* reply) override;

 private:
  const rpc::Environment& environment_;
};

}  // namespace makegood::services
