#include "services/payments/payments_service.h"

#include <optional>
#include <utility>

#include "absl/time/time.h"
#include "common/base/ids.h"
#include "common/base/status.h"
#include "common/rpc/channels.h"
#include "common/rules/payments/credit_note_rules.h"
#include "common/rules/payments/payment_rules.h"
#include "common/rules/payments/refund_rules.h"
#include "common/rules/payments/surcharge_rules.h"
#include "common/rules/scope.h"
#include "services/host/fetch_order.h"
#include "services/payments/payments_reads.h"
#include "services/payments/refund_facts.h"

namespace makegood::services {
namespace {

using grpc::CallbackServerContext;
using grpc::ServerUnaryReactor;
using orders::v1::Order;
using payments::v1::PaymentReference;
using MaybeSurcharge = std::optional<payments::v1::Surcharge>;

// A read that needs no more than who asks and what is stored.
template <typename Request, typename Reply>
ServerUnaryReactor* Read(const rpc::Environment& environment, CallbackServerContext* context,
                         const Request* request, Reply* reply,
                         absl::StatusOr<Reply> (*read)(const Request&, const Reading&)) {
  return rpc::Read(
      environment, context, request, reply,
      [read, &environment](const Request& wanted, const base::v1::Actor& actor, store::Reader& reader) {
        return read(wanted, Reading{actor, reader, environment.policies, environment.store.parts(),
                                    environment.clock.Now()});
      });
}

using payments::v1::RecordPaymentRequest;

// The surcharge that the payment names, in the order's part. None ever goes, so that what is found before the
// decision is there when it is made.
rpc::Fetch<MaybeSurcharge> FetchPaidSurcharge(const rpc::Environment& environment,
                                              const RecordPaymentRequest& request) {
  return rpc::FetchOwn<MaybeSurcharge>(
      environment.store,
      [&request, parts = environment.store.parts()](store::Reader& reader) -> absl::StatusOr<MaybeSurcharge> {
        if (request.surcharge_id().empty()) return MaybeSurcharge();
        ASSIGN_OR_RETURN(const payments::v1::Surcharge surcharge,
                         rpc::GetRecord<payments::v1::Surcharge>(reader, PartOf(request.order_id(), parts),
                                                                 request.surcharge_id()));
        RETURN_IF_ERROR(rules::CheckPaidOn(request, surcharge));
        return surcharge;
      });
}

}  // namespace

PaymentsService::PaymentsService(const rpc::Environment& environment,
                                 orders::v1::OrdersService::StubInterface& orders,
                                 claims::v1::ClaimsService::StubInterface& claims)
    : environment_(environment), orders_(orders), claims_(claims) {}

ServerUnaryReactor* PaymentsService::RecordPayment(CallbackServerContext* context,
                                                   const RecordPaymentRequest* request,
                                                   payments::v1::Payment* reply) {
  using Paid = std::pair<Order, MaybeSurcharge>;
  using Facts = std::pair<Paid, PaymentReference>;
  rpc::Fetch<Paid> paid = rpc::FetchThen<Order, MaybeSurcharge>(
      FetchOrder(orders_, "payments", request->order_id()),
      [this, request](const Order& order) -> absl::StatusOr<rpc::Fetch<MaybeSurcharge>> {
        RETURN_IF_ERROR(rules::CheckPaid(*request, order));
        return FetchPaidSurcharge(environment_, *request);
      });
  // The reference is taken once order and surcharge are known, so that no wrong id keeps one.
  return rpc::CommandAfter<Facts>(
      environment_, context, request, reply, request->order_id(),
      rpc::FetchThen<Paid, PaymentReference>(
          std::move(paid),
          [this, request](const Paid&) -> absl::StatusOr<rpc::Fetch<PaymentReference>> {
            return rpc::FetchDecided<PaymentReference>(
                environment_, rules::ServiceActor("payments"), request->command(),
                rules::ReferenceKey(*request),
                [request](rules::Transaction& tx) { return rules::TakeReference(*request, tx); });
          }),
      [](const RecordPaymentRequest& request, const Facts& facts, rules::Transaction& tx) {
        return rules::RecordPayment(request, facts.first.first, tx);
      });
}

ServerUnaryReactor* PaymentsService::GetPayment(CallbackServerContext* context,
                                                const payments::v1::GetPaymentRequest* request,
                                                payments::v1::Payment* reply) {
  return Read(environment_, context, request, reply, services::GetPayment);
}

ServerUnaryReactor* PaymentsService::ListPayments(CallbackServerContext* context,
                                                  const payments::v1::ListPaymentsRequest* request,
                                                  payments::v1::ListPaymentsResponse* reply) {
  return Read(environment_, context, request, reply, services::ListPayments);
}

ServerUnaryReactor* PaymentsService::GetAccount(CallbackServerContext* context,
                                                const payments::v1::GetAccountRequest* request,
                                                payments::v1::Account* reply) {
  return Read(environment_, context, request, reply, services::GetAccount);
}

ServerUnaryReactor* PaymentsService::GrantRefund(CallbackServerContext* context,
                                                 const payments::v1::GrantRefundRequest* request,
                                                 payments::v1::RefundGrant* reply) {
  return rpc::CommandAfter<rules::RefundFacts>(environment_, context, request, reply, request->order_id(),
                                               FetchRefundFacts(orders_, claims_, *request),
                                               rules::GrantRefund);
}

ServerUnaryReactor* PaymentsService::ReleaseRefundGrant(
    CallbackServerContext* context, const payments::v1::ReleaseRefundGrantRequest* request,
    payments::v1::RefundGrant* reply) {
  return rpc::Command(environment_, context, request, reply, request->grant_id(), rules::ReleaseRefundGrant);
}

ServerUnaryReactor* PaymentsService::GetRefundGrant(CallbackServerContext* context,
                                                    const payments::v1::GetRefundGrantRequest* request,
                                                    payments::v1::RefundGrant* reply) {
  return Read(environment_, context, request, reply, services::GetRefundGrant);
}

ServerUnaryReactor* PaymentsService::ListRefundGrants(CallbackServerContext* context,
                                                      const payments::v1::ListRefundGrantsRequest* request,
                                                      payments::v1::ListRefundGrantsResponse* reply) {
  return Read(environment_, context, request, reply, services::ListRefundGrants);
}

ServerUnaryReactor* PaymentsService::SettleRefund(CallbackServerContext* context,
                                                  const payments::v1::SettleRefundRequest* request,
                                                  payments::v1::Refund* reply) {
  return rpc::Command(environment_, context, request, reply, request->refund_id(), rules::SettleRefund);
}

ServerUnaryReactor* PaymentsService::FailRefund(CallbackServerContext* context,
                                                const payments::v1::FailRefundRequest* request,
                                                payments::v1::Refund* reply) {
  return rpc::Command(environment_, context, request, reply, request->refund_id(), rules::FailRefund);
}

ServerUnaryReactor* PaymentsService::RetryRefund(CallbackServerContext* context,
                                                 const payments::v1::RetryRefundRequest* request,
                                                 payments::v1::Refund* reply) {
  return rpc::Command(environment_, context, request, reply, request->refund_id(), rules::RetryRefund);
}

ServerUnaryReactor* PaymentsService::GetRefund(CallbackServerContext* context,
                                               const payments::v1::GetRefundRequest* request,
                                               payments::v1::Refund* reply) {
  return Read(environment_, context, request, reply, services::GetRefund);
}

ServerUnaryReactor* PaymentsService::ListRefunds(CallbackServerContext* context,
                                                 const payments::v1::ListRefundsRequest* request,
                                                 payments::v1::ListRefundsResponse* reply) {
  return Read(environment_, context, request, reply, services::ListRefunds);
}

ServerUnaryReactor* PaymentsService::IssueCreditNote(CallbackServerContext* context,
                                                     const payments::v1::IssueCreditNoteRequest* request,
                                                     payments::v1::CreditNote* reply) {
  return rpc::Command(environment_, context, request, reply, request->credit_note_id(),
                      rules::IssueCreditNote);
}

ServerUnaryReactor* PaymentsService::GetCreditNote(CallbackServerContext* context,
                                                   const payments::v1::GetCreditNoteRequest* request,
                                                   payments::v1::CreditNote* reply) {
  return Read(environment_, context, request, reply, services::GetCreditNote);
}

ServerUnaryReactor* PaymentsService::ListCreditNotes(CallbackServerContext* context,
                                                     const payments::v1::ListCreditNotesRequest* request,
                                                     payments::v1::ListCreditNotesResponse* reply) {
  return Read(environment_, context, request, reply, services::ListCreditNotes);
}

ServerUnaryReactor* PaymentsService::ProposeSurcharge(CallbackServerContext* context,
                                                      const payments::v1::ProposeSurchargeRequest* request,
                                                      payments::v1::Surcharge* reply) {
  return rpc::CommandAfter<orders::v1::Order>(environment_, context, request, reply, request->order_id(),
                                              FetchOrder(orders_, "payments", request->order_id()),
                                              rules::ProposeSurcharge);
}

ServerUnaryReactor* PaymentsService::ApproveSurcharge(CallbackServerContext* context,
                                                      const payments::v1::ApproveSurchargeRequest* request,
                                                      payments::v1::Surcharge* reply) {
  return rpc::Command(environment_, context, request, reply, request->surcharge_id(),
                      rules::ApproveSurcharge);
}

ServerUnaryReactor* PaymentsService::DeclineSurcharge(CallbackServerContext* context,
                                                      const payments::v1::DeclineSurchargeRequest* request,
                                                      payments::v1::Surcharge* reply) {
  return rpc::Command(environment_, context, request, reply, request->surcharge_id(),
                      rules::DeclineSurcharge);
}

ServerUnaryReactor* PaymentsService::IssueSurcharge(CallbackServerContext* context,
                                                    const payments::v1::IssueSurchargeRequest* request,
                                                    payments::v1::Surcharge* reply) {
  return rpc::Command(environment_, context, request, reply, request->surcharge_id(), rules::IssueSurcharge);
}

ServerUnaryReactor* PaymentsService::VoidSurcharge(CallbackServerContext* context,
                                                   const payments::v1::VoidSurchargeRequest* request,
                                                   payments::v1::Surcharge* reply) {
  return rpc::Command(environment_, context, request, reply, request->surcharge_id(), rules::VoidSurcharge);
}

ServerUnaryReactor* PaymentsService::GetSurcharge(CallbackServerContext* context,
                                                  const payments::v1::GetSurchargeRequest* request,
                                                  payments::v1::Surcharge* reply) {
  return Read(environment_, context, request, reply, services::GetSurcharge);
}

ServerUnaryReactor* PaymentsService::ListSurcharges(CallbackServerContext* context,
                                                    const payments::v1::ListSurchargesRequest* request,
                                                    payments::v1::ListSurchargesResponse* reply) {
  return Read(environment_, context, request, reply, services::ListSurcharges);
}

ServerUnaryReactor* PaymentsService::GetLedgerEntry(CallbackServerContext* context,
                                                    const payments::v1::GetLedgerEntryRequest* request,
                                                    payments::v1::LedgerEntry* reply) {
  return Read(environment_, context, request, reply, services::GetLedgerEntry);
}

ServerUnaryReactor* PaymentsService::ListLedgerEntries(CallbackServerContext* context,
                                                       const payments::v1::ListLedgerEntriesRequest* request,
                                                       payments::v1::ListLedgerEntriesResponse* reply) {
  return Read(environment_, context, request, reply, services::ListLedgerEntries);
}

ServerUnaryReactor* PaymentsService::CheckLedger(CallbackServerContext* context,
                                                 const payments::v1::CheckLedgerRequest* request,
                                                 payments::v1::CheckLedgerResponse* reply) {
  return Read(environment_, context, request, reply, services::CheckLedger);
}

ServerUnaryReactor* PaymentsService::GetDocument(CallbackServerContext* context,
                                                 const payments::v1::GetDocumentRequest* request,
                                                 payments::v1::Document* reply) {
  return Read(environment_, context, request, reply, services::GetDocument);
}

ServerUnaryReactor* PaymentsService::ListDocuments(CallbackServerContext* context,
                                                   const payments::v1::ListDocumentsRequest* request,
                                                   payments::v1::ListDocumentsResponse* reply) {
  return Read(environment_, context, request, reply, services::ListDocuments);
}

}  // namespace makegood::services
