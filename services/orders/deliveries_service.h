// DeliveriesService: parcels on their way. The wire, and nothing else.
#pragma once

#include <grpcpp/grpcpp.h>

#include "common/rpc/rpc.h"
#include "makegood/deliveries/v1/deliveries_service.grpc.pb.h"

namespace makegood::services {

// `environment` outlives it; it outlives the server.
class DeliveriesService final : public deliveries::v1::DeliveriesService::CallbackService {
 public:
  explicit DeliveriesService(const rpc::Environment& environment) : environment_(environment) {}

  grpc::ServerUnaryReactor* Dispatch(grpc::CallbackServerContext* context,
                                     const deliveries::v1::DispatchRequest* request,
                                     deliveries::v1::Delivery* reply) override;
  grpc::ServerUnaryReactor* RecordArrival(grpc::CallbackServerContext* context,
                                          const deliveries::v1::RecordArrivalRequest* request,
                                          deliveries::v1::Delivery* reply) override;
  grpc::ServerUnaryReactor* RecordContact(grpc::CallbackServerContext* context,
                                          const deliveries::v1::RecordContactRequest* request,
                                          deliveries::v1::Delivery* reply) override;
  grpc::ServerUnaryReactor* AllowThirdPerson(grpc::CallbackServerContext* context,
                                             const deliveries::v1::AllowThirdPersonRequest* request,
                                             deliveries::v1::Delivery* reply) override;
  grpc::ServerUnaryReactor* HandOverParcel(grpc::CallbackServerContext* context,
                                           const deliveries::v1::HandOverParcelRequest* request,
                                           deliveries::v1::HandoverResult* reply) override;
  grpc::ServerUnaryReactor* RecordRefusal(grpc::CallbackServerContext* context,
                                          const deliveries::v1::RecordRefusalRequest* request,
                                          deliveries::v1::Delivery* reply) override;
  grpc::ServerUnaryReactor* RecallCourier(grpc::CallbackServerContext* context,
                                          const deliveries::v1::RecallCourierRequest* request,
                                          deliveries::v1::Delivery* reply) override;
  grpc::ServerUnaryReactor* RecordParcelBack(grpc::CallbackServerContext* context,
                                             const deliveries::v1::RecordParcelBackRequest* request,
                                             deliveries::v1::Delivery* reply) override;
  grpc::ServerUnaryReactor* RequestInterception(grpc::CallbackServerContext* context,
                                                const deliveries::v1::RequestInterceptionRequest* request,
                                                deliveries::v1::Delivery* reply) override;
  grpc::ServerUnaryReactor* RecordInterception(grpc::CallbackServerContext* context,
                                               const deliveries::v1::RecordInterceptionRequest* request,
                                               deliveries::v1::Delivery* reply) override;
  grpc::ServerUnaryReactor* RecordCustomsHold(grpc::CallbackServerContext* context,
                                              const deliveries::v1::RecordCustomsHoldRequest* request,
                                              deliveries::v1::Delivery* reply) override;
  grpc::ServerUnaryReactor* RecordCustomsRelease(grpc::CallbackServerContext* context,
                                                 const deliveries::v1::RecordCustomsReleaseRequest* request,
                                                 deliveries::v1::Delivery* reply) override;
  grpc::ServerUnaryReactor* ReportNotArrived(grpc::CallbackServerContext* context,
                                             const deliveries::v1::ReportNotArrivedRequest* request,
                                             deliveries::v1::Delivery* reply) override;
  grpc::ServerUnaryReactor* RecordLateArrival(grpc::CallbackServerContext* context,
                                              const deliveries::v1::RecordLateArrivalRequest* request,
                                              deliveries::v1::Delivery* reply) override;
  grpc::ServerUnaryReactor* GetDelivery(grpc::CallbackServerContext* context,
                                        const deliveries::v1::GetDeliveryRequest* request,
                                        deliveries::v1::Delivery* reply) override;
  grpc::ServerUnaryReactor* ListDeliveries(grpc::CallbackServerContext* context,
                                           const deliveries::v1::ListDeliveriesRequest* request,
                                           deliveries::v1::ListDeliveriesResponse* reply) override;

 private:
  const rpc::Environment& environment_;
};

}  // namespace makegood::services
