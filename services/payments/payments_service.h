// The wire of the payments service, and nothing else: see its contract, payments_service.proto.
#pragma once

#include <string>

#include "common/rpc/rpc.h"
#include "makegood/claims/v1/claims_service.grpc.pb.h"
#include "makegood/orders/v1/orders_service.grpc.pb.h"
#include "makegood/payments/v1/payments_service.grpc.pb.h"

namespace makegood::services {

// `orders` is asked before decisions that depend on an order. It outlives the service.
class PaymentsService final : public payments::v1::PaymentsService::CallbackService {
 public:
  PaymentsService(const rpc::Environment& environment, orders::v1::OrdersService::StubInterface& orders,
                  claims::v1::ClaimsService::StubInterface& claims);

  grpc::ServerUnaryReactor* RecordPayment(grpc::CallbackServerContext* context,
                                          const payments::v1::RecordPaymentRequest* request,
                                          payments::v1::Payment* reply) override;
  grpc::ServerUnaryReactor* GetPayment(grpc::CallbackServerContext* context,
                                       const payments::v1::GetPaymentRequest* request,
                                       payments::v1::Payment* reply) override;
  grpc::ServerUnaryReactor* ListPayments(grpc::CallbackServerContext* context,
                                         const payments::v1::ListPaymentsRequest* request,
                                         payments::v1::ListPaymentsResponse* reply) override;
  grpc::ServerUnaryReactor* GetAccount(grpc::CallbackServerContext* context,
                                       const payments::v1::GetAccountRequest* request,
                                       payments::v1::Account* reply) override;
  grpc::ServerUnaryReactor* GrantRefund(grpc::CallbackServerContext* context,
                                        const payments::v1::GrantRefundRequest* request,
                                        payments::v1::RefundGrant* reply) override;
  grpc::ServerUnaryReactor* ReleaseRefundGrant(grpc::CallbackServerContext* context,
                                               const payments::v1::ReleaseRefundGrantRequest* request,
                                               payments::v1::RefundGrant* reply) override;
  grpc::ServerUnaryReactor* GetRefundGrant(grpc::CallbackServerContext* context,
                                           const payments::v1::GetRefundGrantRequest* request,
                                           payments::v1::RefundGrant* reply) override;
  grpc::ServerUnaryReactor* ListRefundGrants(grpc::CallbackServerContext* context,
                                             const payments::v1::ListRefundGrantsRequest* request,
                                             payments::v1::ListRefundGrantsResponse* reply) override;
  grpc::ServerUnaryReactor* SettleRefund(grpc::CallbackServerContext* context,
                                         const payments::v1::SettleRefundRequest* request,
                                         payments::v1::Refund* reply) override;
  grpc::ServerUnaryReactor* FailRefund(grpc::CallbackServerContext* context,
                                       const payments::v1::FailRefundRequest* request,
                                       payments::v1::Refund* reply) override;
  grpc::ServerUnaryReactor* RetryRefund(grpc::CallbackServerContext* context,
                                        const payments::v1::RetryRefundRequest* request,
                                        payments::v1::Refund* reply) override;
  grpc::ServerUnaryReactor* GetRefund(grpc::CallbackServerContext* context,
                                      const payments::v1::GetRefundRequest* request,
                                      payments::v1::Refund* reply) override;
  grpc::ServerUnaryReactor* ListRefunds(grpc::CallbackServerContext* context,
                                        const payments::v1::ListRefundsRequest* request,
                                        payments::v1::ListRefundsResponse* reply) override;
  grpc::ServerUnaryReactor* IssueCreditNote(grpc::CallbackServerContext* context,
                                            const payments::v1::IssueCreditNoteRequest* request,
                                            payments::v1::CreditNote* reply) override;
  grpc::ServerUnaryReactor* GetCreditNote(grpc::CallbackServerContext* context,
                                          const payments::v1::GetCreditNoteRequest* request,
                                          payments::v1::CreditNote* reply) override;
  grpc::ServerUnaryReactor* ListCreditNotes(grpc::CallbackServerContext* context,
                                            const payments::v1::ListCreditNotesRequest* request,
                                            payments::v1::ListCreditNotesResponse* reply) override;
  grpc::ServerUnaryReactor* ProposeSurcharge(grpc::CallbackServerContext* context,
                                             const payments::v1::ProposeSurchargeRequest* request,
                                             payments::v1::Surcharge* reply) override;
  grpc::ServerUnaryReactor* ApproveSurcharge(grpc::CallbackServerContext* context,
                                             const payments::v1::ApproveSurchargeRequest* request,
                                             payments::v1::Surcharge* reply) override;
  grpc::ServerUnaryReactor* DeclineSurcharge(grpc::CallbackServerContext* context,
                                             const payments::v1::DeclineSurchargeRequest* request,
                                             payments::v1::Surcharge* reply) override;
  grpc::ServerUnaryReactor* IssueSurcharge(grpc::CallbackServerContext* context,
                                           const payments::v1::IssueSurchargeRequest* request,
                                           payments::v1::Surcharge* reply) override;
  grpc::ServerUnaryReactor* VoidSurcharge(grpc::CallbackServerContext* context,
                                          const payments::v1::VoidSurchargeRequest* request,
                                          payments::v1::Surcharge* reply) override;
  grpc::ServerUnaryReactor* GetSurcharge(grpc::CallbackServerContext* context,
                                         const payments::v1::GetSurchargeRequest* request,
                                         payments::v1::Surcharge* reply) override;
  grpc::ServerUnaryReactor* ListSurcharges(grpc::CallbackServerContext* context,
                                           const payments::v1::ListSurchargesRequest* request,
                                           payments::v1::ListSurchargesResponse* reply) override;
  grpc::ServerUnaryReactor* GetLedgerEntry(grpc::CallbackServerContext* context,
                                           const payments::v1::GetLedgerEntryRequest* request,
                                           payments::v1::LedgerEntry* reply) override;
  grpc::ServerUnaryReactor* ListLedgerEntries(grpc::CallbackServerContext* context,
                                              const payments::v1::ListLedgerEntriesRequest* request,
                                              payments::v1::ListLedgerEntriesResponse* reply) override;
  grpc::ServerUnaryReactor* CheckLedger(grpc::CallbackServerContext* context,
                                        const payments::v1::CheckLedgerRequest* request,
                                        payments::v1::CheckLedgerResponse* reply) override;
  grpc::ServerUnaryReactor* GetDocument(grpc::CallbackServerContext* context,
                                        const payments::v1::GetDocumentRequest* request,
                                        payments::v1::Document* reply) override;
  grpc::ServerUnaryReactor* ListDocuments(grpc::CallbackServerContext* context,
                                          const payments::v1::ListDocumentsRequest* request,
                                          payments::v1::ListDocumentsResponse* reply) override;

 private:
  const rpc::Environment environment_;
  orders::v1::OrdersService::StubInterface& orders_;
  claims::v1::ClaimsService::StubInterface& claims_;
};

}  // namespace makegood::services
