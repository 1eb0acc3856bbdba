#include "common/rules/payments/ledger.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "common/base/enum_word.h"
#include "common/base/ids.h"
#include "common/base/status.h"
#include "common/rules/messages.h"
#include "common/rules/times.h"

namespace makegood::rules {
namespace {

using payments::v1::Account;
using payments::v1::Document;
using payments::v1::LedgerEntry;
using payments::v1::Posting;

// Made of what the paper is about, so that there can be no second one.
std::string DocumentId(const Account& account, base::v1::DocumentKind kind, absl::string_view subject_id,
                       const Transaction& tx) {
  return MakeId("doc", tx.part(),
                absl::StrCat(account.order_id(), "/", "KIND_", EnumWord(kind), "/", subject_id));
}

void AddPosting(LedgerEntry& entry, Posting::LedgerAccount account, int64_t amount_minor,
                absl::string_view currency) {
  if (amount_minor == 0) return;
  Posting& posting = *entry.add_postings();
  posting.set_account(account);
  posting.set_amount_minor(amount_minor);
  posting.set_currency(std::string(currency));
}

// RFD-02: nobody is given what is not there, and nothing is owed below zero.
absl::Status CheckLimits(const Account& account) {
  for (const Posting& balance : account.balances()) {
    switch (balance.account()) {
      case Posting::LEDGER_ACCOUNT_CUSTOMER_PREPAYMENT:
      case Posting::LEDGER_ACCOUNT_CUSTOMER_CREDIT:
      case Posting::LEDGER_ACCOUNT_SURCHARGE_PREPAYMENT:
      case Posting::LEDGER_ACCOUNT_REFUNDS_GRANTED:
      case Posting::LEDGER_ACCOUNT_REFUNDS_PAYABLE:
        if (balance.amount_minor() <= 0) continue;
        break;
      case Posting::LEDGER_ACCOUNT_CUSTOMER_RECEIVABLE:
      case Posting::LEDGER_ACCOUNT_MERCHANT_RECOVERY:
        if (balance.amount_minor() >= 0) continue;
        break;
      default:
        continue;
    }
    return absl::InternalError(absl::StrCat(
        "order ", account.order_id(), " would take more than is there of ", EnumWord(balance.account())));
  }
  return absl::OkStatus();
}

void AddToBalance(const Posting& posting, Account& account) {
  auto& balances = *account.mutable_balances();
  for (auto balance = balances.begin(); balance != balances.end(); ++balance) {
    if (balance->account() != posting.account()) continue;
    balance->set_amount_minor(balance->amount_minor() + posting.amount_minor());
    if (balance->amount_minor() == 0) balances.erase(balance);
    return;
  }
  *balances.Add() = posting;
}

}  // namespace

absl::StatusOr<bool> IsIssued(const Account& account, base::v1::DocumentKind kind,
                              absl::string_view subject_id, Transaction& tx) {
  ASSIGN_OR_RETURN(const std::optional<Document> issued,
                   tx.Find<Document>(DocumentId(account, kind, subject_id, tx)));
  return issued.has_value();
}

int64_t BalanceOf(const Account& account, Posting::LedgerAccount of) {
  for (const Posting& balance : account.balances()) {
    if (balance.account() == of) return balance.amount_minor();
  }
  return 0;
}

events::v1::Event EventOf(const Account& account, absl::string_view case_id, const Moment& moment) {
  events::v1::Event event = EventAbout(account, case_id);
  *event.mutable_time() = ToTimestamp(moment.time);
  event.set_imported(moment.imported);
  return event;
}

absl::StatusOr<std::string> IssueDocument(const Account& account, base::v1::DocumentKind kind,
                                          int64_t amount_minor, absl::string_view subject_id,
                                          const Moment& moment, Transaction& tx) {
  const std::string id = DocumentId(account, kind, subject_id, tx);
  ASSIGN_OR_RETURN(const std::optional<Document> issued, tx.Find<Document>(id));
  if (issued.has_value()) return id;
  Document document;
  document.set_document_id(id);
  *document.mutable_create_time() = ToTimestamp(moment.time);
  document.set_order_id(account.order_id());
  document.set_merchant_id(account.merchant_id());
  document.set_customer_id(account.customer_id());
  document.set_kind(kind);
  *document.mutable_amount() = MakeMoney(amount_minor, account.currency());
  document.set_subject_id(std::string(subject_id));
  tx.Put(document);
  events::v1::Event event = EventOf(account, subject_id, moment);
  event.mutable_document_issued()->set_document_id(id);
  event.mutable_document_issued()->set_kind(kind);
  *event.mutable_document_issued()->mutable_amount() = document.amount();
  tx.Emit(std::move(event));
  return id;
}

absl::Status CheckEntry(const LedgerEntry& entry) {
  if (entry.document_id().empty()) return absl::InternalError("an entry names no document");
  if (entry.postings_size() < 2) return absl::InternalError("an entry has fewer than two postings");
  std::map<std::string, int64_t> sums;
  for (const Posting& posting : entry.postings()) {
    if (posting.account() == Posting::LEDGER_ACCOUNT_UNSPECIFIED || posting.amount_minor() == 0) {
      return absl::InternalError("a posting has no account or no amount");
    }
    sums[posting.currency()] += posting.amount_minor();
  }
  for (const auto& [currency, sum] : sums) {
    if (sum != 0) return absl::InternalError(absl::StrCat("an entry is off by ", sum, " ", currency));
  }
  return absl::OkStatus();
}

EntryBuilder& EntryBuilder::Debit(LedgerAccount account, int64_t amount_minor) {
  AddPosting(entry_, account, amount_minor, currency_);
  return *this;
}

EntryBuilder& EntryBuilder::Credit(LedgerAccount account, int64_t amount_minor) {
  AddPosting(entry_, account, -amount_minor, currency_);
  return *this;
}

absl::Status EntryBuilder::Post(Account& account, absl::string_view document_id, const Moment& moment,
                                Transaction& tx) const {
  if (entry_.postings().empty()) return absl::OkStatus();
  LedgerEntry entry = entry_;
  entry.set_document_id(std::string(document_id));
  RETURN_IF_ERROR(CheckEntry(entry));
  entry.set_entry_id(tx.NewId("entry"));
  *entry.mutable_create_time() = ToTimestamp(moment.time);
  entry.set_order_id(account.order_id());
  entry.set_merchant_id(account.merchant_id());
  tx.Put(entry);
  for (const Posting& posting : entry.postings()) AddToBalance(posting, account);
  return CheckLimits(account);
}

void Balances::Add(const LedgerEntry& entry) {
  for (const Posting& posting : entry.postings()) {
    sums_[{posting.account(), posting.currency()}] += posting.amount_minor();
  }
}

int64_t Balances::Of(Posting::LedgerAccount account, absl::string_view currency) const {
  const auto found = sums_.find({account, std::string(currency)});
  return found == sums_.end() ? 0 : found->second;
}

void Balances::AppendTo(google::protobuf::RepeatedPtrField<Posting>& postings) const {
  for (const auto& [key, sum] : sums_) {
    if (sum == 0) continue;
    Posting& posting = *postings.Add();
    posting.set_account(key.first);
    posting.set_amount_minor(sum);
    posting.set_currency(key.second);
  }
}

}  // namespace makegood::rules
