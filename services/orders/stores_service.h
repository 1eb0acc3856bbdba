// StoresService: what merchants offer, and how much of it there is. The wire, and nothing else.
#pragma once

#include <grpcpp/grpcpp.h>

#include "common/rpc/rpc.h"
#include "makegood/stores/v1/stores_service.grpc.pb.h"

namespace makegood::services {

// `environment` outlives it; it outlives the server.
class StoresService final : public stores::v1::StoresService::CallbackService {
 public:
  explicit StoresService(const rpc::Environment& environment) : environment_(environment) {}

  grpc::ServerUnaryReactor* SetStock(grpc::CallbackServerContext* context,
                                     const stores::v1::SetStockRequest* request,
                                     stores::v1::SetStockResponse* reply) override;
  grpc::ServerUnaryReactor* DelistOffer(grpc::CallbackServerContext* context,
                                        const stores::v1::DelistOfferRequest* request,
                                        stores::v1::Offer* reply) override;
  grpc::ServerUnaryReactor* RelistOffer(grpc::CallbackServerContext* context,
                                        const stores::v1::RelistOfferRequest* request,
                                        stores::v1::Offer* reply) override;
  grpc::ServerUnaryReactor* GetOffer(grpc::CallbackServerContext* context,
                                     const stores::v1::GetOfferRequest* request,
                                     stores::v1::Offer* reply) override;
  grpc::ServerUnaryReactor* ListOffers(grpc::CallbackServerContext* context,
                                       const stores::v1::ListOffersRequest* request,
                                       stores::v1::ListOffersResponse* reply) override;

 private:
  const rpc::Environment& environment_;
};

}  // namespace makegood::services
