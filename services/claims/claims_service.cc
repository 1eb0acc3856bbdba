#include "services/claims/claims_service.h"

#include <string>
#include <utility>
#include <vector>

#include "common/base/status.h"
#include "common/rpc/channels.h"
#include "common/rpc/pages.h"
#include "common/rules/claims/claim_guards.h"
#include "common/rules/claims/claim_records.h"
#include "common/rules/claims/claim_rules.h"
#include "common/rules/claims/evidence_erasure.h"
#include "common/rules/claims/refused_calls.h"
#include "common/rules/claims/withdrawal_rules.h"
#include "services/host/bind_return_number.h"
#include "services/host/fetch_order.h"

namespace makegood::services {
namespace {

using base::v1::Actor;
using grpc::CallbackServerContext;
using grpc::ServerUnaryReactor;

// Of both lists of cases.
template <typename Request>
absl::StatusOr<store::ListQuery> CasesQuery(const Request& request, const Actor& actor, absl::Time now) {
  store::ListQuery query;
  RETURN_IF_ERROR(rpc::SetFilters(request, now, query));
  RETURN_IF_ERROR(rpc::LimitToOwn(actor, query));
  return query;
}

}  // namespace

rpc::Fetch<std::vector<std::string>> ClaimsService::FetchClaimIds(const std::string& order_id) const {
  using Ids = std::vector<std::string>;
  return rpc::FetchOwn<Ids>(environment_.store, [order_id](store::Reader& reader) -> absl::StatusOr<Ids> {
    store::ListQuery query;
    query.kind = std::string(rules::RecordTraits<claims::v1::Claim>::kKind);
    query.order_id = order_id;
    Ids ids;
    RETURN_IF_ERROR(store::ForEachPage(reader, std::move(query), [&](const store::RecordPage& page) {
      for (const rules::StoredRecord& claim : page.records) ids.push_back(claim.key.id);
      return absl::OkStatus();
    }));
    return ids;
  });
}

// The number is taken once nothing else refuses the paper, so that no slip keeps one from the order it is
// for.
template <typename Case, typename Request>
ServerUnaryReactor* ClaimsService::GiveNumber(CallbackServerContext* context, const Request* request,
                                              Case* reply, const std::string& id,
                                              absl::StatusOr<Case> (*decide)(const Request&,
                                                                             rules::Transaction&)) {
  using orders::v1::ReturnNumber;
  using Facts = std::pair<Case, ReturnNumber>;
  return rpc::CommandAfter<Facts>(
      environment_, context, request, reply, id,
      rpc::FetchThen<Case, ReturnNumber>(
          rpc::FetchPreview<Case>(environment_, context, request, id, decide),
          [this, request](const Case& papered) -> absl::StatusOr<rpc::Fetch<ReturnNumber>> {
            return FetchBound(*return_numbers_, "claims",
                              BindingOf(papered.order_id(), papered.policy(), request->return_number(),
                                        request->command()));
          }),
      [decide](const Request& request, const Facts& facts, rules::Transaction& tx) -> absl::StatusOr<Case> {
        RETURN_IF_ERROR(CheckStillBound(facts.second, tx.now()));
        return decide(request, tx);
      });
}

ServerUnaryReactor* ClaimsService::OpenClaim(CallbackServerContext* context,
                                             const claims::v1::OpenClaimRequest* request,
                                             claims::v1::Claim* reply) {
  return rpc::CommandAfter<orders::v1::Order>(environment_, context, request, reply, request->order_id(),
                                              FetchOrder(*orders_, "claims", request->order_id()),
                                              rules::OpenClaim);
}

grpc::ServerReadReactor<claims::v1::UploadEvidenceRequest>* ClaimsService::UploadEvidence(
    CallbackServerContext* context, claims::v1::Claim* reply) {
  return transfer_.Upload(context, reply);
}

grpc::ServerWriteReactor<claims::v1::DownloadEvidenceResponse>* ClaimsService::DownloadEvidence(
    CallbackServerContext* context, const claims::v1::DownloadEvidenceRequest* request) {
  return transfer_.Download(context, request);
}

ServerUnaryReactor* ClaimsService::SubmitEvidence(CallbackServerContext* context,
                                                  const claims::v1::SubmitEvidenceRequest* request,
                                                  claims::v1::Claim* reply) {
  return rpc::Command(environment_, context, request, reply, request->claim_id(), rules::SubmitEvidence);
}

ServerUnaryReactor* ClaimsService::ApproveClaim(CallbackServerContext* context,
                                                const claims::v1::ApproveClaimRequest* request,
                                                claims::v1::Claim* reply) {
  return rpc::Command(environment_, context, request, reply, request->claim_id(), rules::ApproveClaim);
}

ServerUnaryReactor* ClaimsService::RejectClaim(CallbackServerContext* context,
                                               const claims::v1::RejectClaimRequest* request,
                                               claims::v1::Claim* reply) {
  return rpc::Command(environment_, context, request, reply, request->claim_id(), rules::RejectClaim);
}

ServerUnaryReactor* ClaimsService::AppealClaim(CallbackServerContext* context,
                                               const claims::v1::AppealClaimRequest* request,
                                               claims::v1::Claim* reply) {
  return rpc::Command(environment_, context, request, reply, request->claim_id(), rules::AppealClaim);
}

ServerUnaryReactor* ClaimsService::RetractClaim(CallbackServerContext* context,
                                                const claims::v1::RetractClaimRequest* request,
                                                claims::v1::Claim* reply) {
  return rpc::Command(environment_, context, request, reply, request->claim_id(), rules::RetractClaim);
}

ServerUnaryReactor* ClaimsService::ChooseResolution(CallbackServerContext* context,
                                                    const claims::v1::ChooseResolutionRequest* request,
                                                    claims::v1::Claim* reply) {
  return rpc::Command(environment_, context, request, reply, request->claim_id(), rules::ChooseResolution);
}

ServerUnaryReactor* ClaimsService::ReportOutOfStock(CallbackServerContext* context,
                                                    const claims::v1::ReportOutOfStockRequest* request,
                                                    claims::v1::Claim* reply) {
  return rpc::Command(environment_, context, request, reply, request->claim_id(), rules::ReportOutOfStock);
}

ServerUnaryReactor* ClaimsService::RecordCollection(CallbackServerContext* context,
                                                    const claims::v1::RecordCollectionRequest* request,
                                                    claims::v1::Claim* reply) {
  return rpc::Command(environment_, context, request, reply, request->claim_id(), rules::RecordCollection);
}

ServerUnaryReactor* ClaimsService::RecordReship(CallbackServerContext* context,
                                                const claims::v1::RecordReshipRequest* request,
                                                claims::v1::Claim* reply) {
  return rpc::Command(environment_, context, request, reply, request->claim_id(), rules::RecordReship);
}

ServerUnaryReactor* ClaimsService::CreateReturnDocument(
    CallbackServerContext* context, const claims::v1::CreateReturnDocumentRequest* request,
    claims::v1::Claim* reply) {
  return GiveNumber(context, request, reply, request->claim_id(), rules::CreateReturnDocument);
}

ServerUnaryReactor* ClaimsService::RetryClaimCalls(CallbackServerContext* context,
                                                   const claims::v1::RetryClaimCallsRequest* request,
                                                   claims::v1::Claim* reply) {
  return rpc::Command(environment_, context, request, reply, request->claim_id(), rules::RetryClaimCalls);
}

ServerUnaryReactor* ClaimsService::RetryWithdrawalCalls(
    CallbackServerContext* context, const claims::v1::RetryWithdrawalCallsRequest* request,
    claims::v1::Withdrawal* reply) {
  return rpc::Command(environment_, context, request, reply, request->withdrawal_id(),
                      rules::RetryWithdrawalCalls);
}

ServerUnaryReactor* ClaimsService::GetClaim(CallbackServerContext* context,
                                            const claims::v1::GetClaimRequest* request,
                                            claims::v1::Claim* reply) {
  return rpc::ReadByKey(
      environment_, context, request, reply,
      [this](const claims::v1::GetClaimRequest& request, const Actor& actor,
             store::Reader& reader) -> absl::StatusOr<claims::v1::Claim> {
        const uint32_t part = PartOf(request.claim_id(), environment_.store.parts());
        ASSIGN_OR_RETURN(claims::v1::Claim claim,
                         rpc::GetRecord<claims::v1::Claim>(reader, part, request.claim_id()));
        RETURN_IF_ERROR(rules::CheckScope(actor, claim.merchant_id(), claim.customer_id(), "ROL-11"));
        RETURN_IF_ERROR(rules::FillActions(claim, actor, environment_.clock.Now(), environment_.policies));
        return claim;
      });
}

ServerUnaryReactor* ClaimsService::ListClaims(CallbackServerContext* context,
                                              const claims::v1::ListClaimsRequest* request,
                                              claims::v1::ListClaimsResponse* reply) {
  return rpc::Read(
      environment_, context, request, reply,
      [this](const claims::v1::ListClaimsRequest& request, const Actor& actor,
             store::Reader& reader) -> absl::StatusOr<claims::v1::ListClaimsResponse> {
        ASSIGN_OR_RETURN(store::ListQuery query, CasesQuery(request, actor, environment_.clock.Now()));
        claims::v1::ListClaimsResponse page;
        ASSIGN_OR_RETURN(
            *page.mutable_next_page_token(),
            rpc::ListPage<claims::v1::Claim>(
                reader, std::move(query), request, *page.mutable_claims(), [&](claims::v1::Claim& claim) {
                  return rules::FillActions(claim, actor, environment_.clock.Now(), environment_.policies);
                }));
        return page;
      });
}

ServerUnaryReactor* ClaimsService::WithdrawPurchase(CallbackServerContext* context,
                                                    const claims::v1::WithdrawPurchaseRequest* request,
                                                    claims::v1::Withdrawal* reply) {
  return rpc::CommandAfter<orders::v1::Order>(environment_, context, request, reply, request->order_id(),
                                              FetchOrder(*orders_, "claims", request->order_id()),
                                              rules::WithdrawPurchase);
}

ServerUnaryReactor* ClaimsService::RecordGoodsReturned(CallbackServerContext* context,
                                                       const claims::v1::RecordGoodsReturnedRequest* request,
                                                       claims::v1::Withdrawal* reply) {
  return rpc::Command(environment_, context, request, reply, request->withdrawal_id(),
                      rules::RecordGoodsReturned);
}

ServerUnaryReactor* ClaimsService::CloseWithdrawal(CallbackServerContext* context,
                                                   const claims::v1::CloseWithdrawalRequest* request,
                                                   claims::v1::Withdrawal* reply) {
  return rpc::Command(environment_, context, request, reply, request->withdrawal_id(),
                      rules::CloseWithdrawal);
}

ServerUnaryReactor* ClaimsService::CreateWithdrawalDocument(
    CallbackServerContext* context, const claims::v1::CreateWithdrawalDocumentRequest* request,
    claims::v1::Withdrawal* reply) {
  return GiveNumber(context, request, reply, request->withdrawal_id(), rules::CreateWithdrawalDocument);
}

ServerUnaryReactor* ClaimsService::GetWithdrawal(CallbackServerContext* context,
                                                 const claims::v1::GetWithdrawalRequest* request,
                                                 claims::v1::Withdrawal* reply) {
  return rpc::ReadByKey(
      environment_, context, request, reply,
      [this](const claims::v1::GetWithdrawalRequest& request, const Actor& actor,
             store::Reader& reader) -> absl::StatusOr<claims::v1::Withdrawal> {
        const uint32_t part = PartOf(request.withdrawal_id(), environment_.store.parts());
        ASSIGN_OR_RETURN(claims::v1::Withdrawal withdrawal,
                         rpc::GetRecord<claims::v1::Withdrawal>(reader, part, request.withdrawal_id()));
        RETURN_IF_ERROR(
            rules::CheckScope(actor, withdrawal.merchant_id(), withdrawal.customer_id(), "ROL-11"));
        rules::FillActions(withdrawal, actor, environment_.clock.Now(), environment_.policies);
        return withdrawal;
      });
}

ServerUnaryReactor* ClaimsService::ListWithdrawals(CallbackServerContext* context,
                                                   const claims::v1::ListWithdrawalsRequest* request,
                                                   claims::v1::ListWithdrawalsResponse* reply) {
  return rpc::Read(environment_, context, request, reply,
                   [this](const claims::v1::ListWithdrawalsRequest& request, const Actor& actor,
                          store::Reader& reader) -> absl::StatusOr<claims::v1::ListWithdrawalsResponse> {
                     const absl::Time now = environment_.clock.Now();
                     ASSIGN_OR_RETURN(store::ListQuery query, CasesQuery(request, actor, now));
                     claims::v1::ListWithdrawalsResponse page;
                     ASSIGN_OR_RETURN(*page.mutable_next_page_token(),
                                      rpc::ListPage<claims::v1::Withdrawal>(
                                          reader, std::move(query), request, *page.mutable_withdrawals(),
                                          [&](claims::v1::Withdrawal& withdrawal) {
                                            rules::FillActions(withdrawal, actor, now, environment_.policies);
                                            return absl::OkStatus();
                                          }));
                     return page;
                   });
}

ServerUnaryReactor* ClaimsService::EraseEvidence(CallbackServerContext* context,
                                                 const claims::v1::EraseEvidenceRequest* request,
                                                 claims::v1::EraseEvidenceResponse* reply) {
  return rpc::CommandAfter<std::vector<std::string>>(environment_, context, request, reply,
                                                     request->order_id(), FetchClaimIds(request->order_id()),
                                                     rules::EraseEvidence);
}

}  // namespace makegood::services
