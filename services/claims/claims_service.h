// ClaimsService: the wire, and nothing else. What its methods promise is in its contract
// (protos/makegood/claims/v1/claims_service.proto), what they decide in common/rules/claims.
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

#include "common/rpc/rpc.h"
#include "makegood/claims/v1/claims_service.grpc.pb.h"
#include "makegood/orders/v1/orders_service.grpc.pb.h"
#include "makegood/orders/v1/return_numbers_service.grpc.pb.h"
#include "services/claims/evidence_transfer.h"

namespace makegood::services {

// Thread-safe. What it is made with outlives it.
class ClaimsService final : public claims::v1::ClaimsService::CallbackService {
 public:
  // `orders` leads to the service that owns the orders, and return numbers.
  ClaimsService(const rpc::Environment& environment, const std::shared_ptr<grpc::Channel>& orders,
                EvidenceTransfer& transfer)
      : environment_(environment),
        orders_(orders::v1::OrdersService::NewStub(orders)),
        return_numbers_(orders::v1::ReturnNumbersService::NewStub(orders)),
        transfer_(transfer) {}

  grpc::ServerUnaryReactor* OpenClaim(grpc::CallbackServerContext* context,
                                      const claims::v1::OpenClaimRequest* request,
                                      claims::v1::Claim* reply) override;
  grpc::ServerReadReactor<claims::v1::UploadEvidenceRequest>* UploadEvidence(
      grpc::CallbackServerContext* context, claims::v1::Claim* reply) override;
  grpc::ServerWriteReactor<claims::v1::DownloadEvidenceResponse>* DownloadEvidence(
      grpc::CallbackServerContext* context, const claims::v1::DownloadEvidenceRequest* request) override;
  grpc::ServerUnaryReactor* SubmitEvidence(grpc::CallbackServerContext* context,
                                           const claims::v1::SubmitEvidenceRequest* request,
                                           claims::v1::Claim* reply) override;
  grpc::ServerUnaryReactor* ApproveClaim(grpc::CallbackServerContext* context,
                                         const claims::v1::ApproveClaimRequest* request,
                                         claims::v1::Claim* reply) override;
  grpc::ServerUnaryReactor* RejectClaim(grpc::CallbackServerContext* context,
                                        const claims::v1::RejectClaimRequest* request,
                                        claims::v1::Claim* reply) override;
  grpc::ServerUnaryReactor* AppealClaim(grpc::CallbackServerContext* context,
                                        const claims::v1::AppealClaimRequest* request,
                                        claims::v1::Claim* reply) override;
  grpc::ServerUnaryReactor* RetractClaim(grpc::CallbackServerContext* context,
                                         const claims::v1::RetractClaimRequest* request,
                                         claims::v1::Claim* reply) override;
  grpc::ServerUnaryReactor* ChooseResolution(grpc::CallbackServerContext* context,
                                             const claims::v1::ChooseResolutionRequest* request,
                                             claims::v1::Claim* reply) override;
  grpc::ServerUnaryReactor* ReportOutOfStock(grpc::CallbackServerContext* context,
                                             const claims::v1::ReportOutOfStockRequest* request,
                                             claims::v1::Claim* reply) override;
  grpc::ServerUnaryReactor* RecordCollection(grpc::CallbackServerContext* context,
                                             const claims::v1::RecordCollectionRequest* request,
                                             claims::v1::Claim* reply) override;
  grpc::ServerUnaryReactor* RecordReship(grpc::CallbackServerContext* context,
                                         const claims::v1::RecordReshipRequest* request,
                                         claims::v1::Claim* reply) override;
  grpc::ServerUnaryReactor* CreateReturnDocument(grpc::CallbackServerContext* context,
                                                 const claims::v1::CreateReturnDocumentRequest* request,
                                                 claims::v1::Claim* reply) override;
  grpc::ServerUnaryReactor* RetryClaimCalls(grpc::CallbackServerContext* context,
                                            const claims::v1::RetryClaimCallsRequest* request,
                                            claims::v1::Claim* reply) override;
  grpc::ServerUnaryReactor* RetryWithdrawalCalls(grpc::CallbackServerContext* context,
                                                 const claims::v1::RetryWithdrawalCallsRequest* request,
                                                 claims::v1::Withdrawal* reply) override;
  grpc::ServerUnaryReactor* GetClaim(grpc::CallbackServerContext* context,
                                     const claims::v1::GetClaimRequest* request,
                                     claims::v1::Claim* reply) override;
  grpc::ServerUnaryReactor* ListClaims(grpc::CallbackServerContext* context,
                                       const claims::v1::ListClaimsRequest* request,
                                       claims::v1::ListClaimsResponse* reply) override;
  grpc::ServerUnaryReactor* WithdrawPurchase(grpc::CallbackServerContext* context,
                                             const claims::v1::WithdrawPurchaseRequest* request,
                                             claims::v1::Withdrawal* reply) override;
  grpc::ServerUnaryReactor* RecordGoodsReturned(grpc::CallbackServerContext* context,
                                                const claims::v1::RecordGoodsReturnedRequest* request,
                                                claims::v1::Withdrawal* reply) override;
  grpc::ServerUnaryReactor* ListWithdrawals(grpc::CallbackServerContext* context,
                                            const claims::v1::ListWithdrawalsRequest* request,
                                            claims::v1::ListWithdrawalsResponse* reply) override;
  grpc::ServerUnaryReactor* CloseWithdrawal(grpc::CallbackServerContext* context,
                                            const claims::v1::CloseWithdrawalRequest* request,
                                            claims::v1::Withdrawal* reply) override;
  grpc::ServerUnaryReactor* CreateWithdrawalDocument(
      grpc::CallbackServerContext* context, const claims::v1::CreateWithdrawalDocumentRequest* request,
      claims::v1::Withdrawal* reply) override;
  grpc::ServerUnaryReactor* GetWithdrawal(grpc::CallbackServerContext* context,
                                          const claims::v1::GetWithdrawalRequest* request,
                                          claims::v1::Withdrawal* reply) override;
  grpc::ServerUnaryReactor* EraseEvidence(grpc::CallbackServerContext* context,
                                          const claims::v1::EraseEvidenceRequest* request,
                                          claims::v1::EraseEvidenceResponse* reply) override;

 private:
  // All claims of an order.
  rpc::Fetch<std::vector<std::string>> FetchClaimIds(const std::string& order_id) const;
  // A command that gives the case `id` its return number, once that is the order's (RFD-05).
  template <typename Case, typename Request>
  grpc::ServerUnaryReactor* GiveNumber(grpc::CallbackServerContext* context, const Request* request,
                                       Case* reply, const std::string& id,
                                       absl::StatusOr<Case> (*decide)(const Request&, rules::Transaction&));

  const rpc::Environment& environment_;
  const std::unique_ptr<orders::v1::OrdersService::Stub> orders_;
  const std::unique_ptr<orders::v1::ReturnNumbersService::Stub> return_numbers_;
  EvidenceTransfer& transfer_;
};

}  // namespace makegood::services
