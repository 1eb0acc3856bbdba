// The double-entry ledger (PAY-07) and the papers it names (RFD-07). Entries are only ever added; each
// balances to zero per currency and names a document made in the same commit or before. What they come to
// stands on the order's account, and is changed here alone (PAY-11).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/rules/payments/payment_records.h"
#include "common/rules/transaction.h"

namespace makegood::rules {

// When something happened, and whether it is imported history (ORD-13): then its records carry the
// source's time and its events start no message.
struct Moment {
  absl::Time time;
  bool imported = false;
};

// What happens now.
inline Moment Present(const Transaction& tx) { return {tx.now(), false}; }

// An event about the account's order, with all that events say of an order. `case_id` may be empty.
events::v1::Event EventOf(const payments::v1::Account& account, absl::string_view case_id,
                          const Moment& moment);

// The paper of this kind about `subject_id` (empty: the order itself), made and announced unless it
// is there: once each, however often it is asked for (ORD-04). Returns its id.
absl::StatusOr<std::string> IssueDocument(const payments::v1::Account& account, base::v1::DocumentKind kind,
                                          int64_t amount_minor, absl::string_view subject_id,
                                          const Moment& moment, Transaction& tx);

// Whether there is one.
absl::StatusOr<bool> IsIssued(const payments::v1::Account& account, base::v1::DocumentKind kind,
                              absl::string_view subject_id, Transaction& tx);

// OK if the entry has a document and two postings or more, none of them zero, and they sum to zero
// per currency; INTERNAL says what is wrong.
absl::Status CheckEntry(const payments::v1::LedgerEntry& entry);

// What the account's entries come to, debits positive.
int64_t BalanceOf(const payments::v1::Account& account, payments::v1::Posting::LedgerAccount of);

// What is held or owed there, as a positive amount: of accounts that are credited.
inline int64_t HeldOn(const payments::v1::Account& account, payments::v1::Posting::LedgerAccount of) {
  return -BalanceOf(account, of);
}

// One entry in the making, in the account's currency.
class EntryBuilder {
 public:
  using LedgerAccount = payments::v1::Posting::LedgerAccount;

  explicit EntryBuilder(absl::string_view currency) : currency_(currency) {}

  // Amounts are minor units and not negative; zero adds nothing.
  EntryBuilder& Debit(LedgerAccount account, int64_t amount_minor);
  EntryBuilder& Credit(LedgerAccount account, int64_t amount_minor);

  // Adds the entry to the ledger and to the account's balances; nothing if nothing was debited or credited.
  // INTERNAL if it does not balance, `document_id` is empty, or more would be taken than is there (RFD-02):
  // then nothing of the decision may be kept.
  absl::Status Post(payments::v1::Account& account, absl::string_view document_id, const Moment& moment,
                    Transaction& tx) const;

  bool empty() const { return entry_.postings().empty(); }

 private:
  std::string currency_;
  payments::v1::LedgerEntry entry_;
};

// What entries come to, per account and currency.
class Balances {
 public:
  void Add(const payments::v1::LedgerEntry& entry);

  int64_t Of(payments::v1::Posting::LedgerAccount account, absl::string_view currency) const;

  // Appends those that are not zero, by account, then currency.
  void AppendTo(google::protobuf::RepeatedPtrField<payments::v1::Posting>& postings) const;

 private:
  std::map<std::pair<payments::v1::Posting::LedgerAccount, std::string>, int64_t> sums_;
};

}  // namespace makegood::rules
