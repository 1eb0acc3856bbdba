#include "common/rules/orders/contact_steps.h"

#include <algorithm>

#include "common/base/status.h"
#include "common/rules/fields/phone.h"
#include "common/rules/orders/order_steps.h"

namespace makegood::rules {

using orders::v1::ContactDetails;

absl::Status EmptyContact(const std::string& contact_id, Transaction& tx) {
  ASSIGN_OR_RETURN(Contact contact, tx.Get<Contact>(contact_id));
  if (contact.has_erase_time()) return absl::OkStatus();
  contact.clear_details();
  *contact.mutable_erase_time() = ToTimestamp(tx.now());
  tx.Put(contact);
  return absl::OkStatus();
}

bool SameAddress(const ContactDetails& a, const ContactDetails& b) {
  return std::equal(a.address_lines().begin(), a.address_lines().end(), b.address_lines().begin(),
                    b.address_lines().end()) &&
         a.city() == b.city() && a.postal_code() == b.postal_code() && a.country() == b.country();
}

ContactDetails AddressedTo(const ContactDetails& recipient, ContactDetails wanted) {
  if (wanted.country().empty()) wanted.set_country(recipient.country());
  if (!wanted.name().empty() && wanted.name() != recipient.name()) return wanted;
  wanted.set_name(recipient.name());
  if (wanted.phone().empty()) wanted.set_phone(recipient.phone());
  if (wanted.email().empty()) wanted.set_email(recipient.email());
  return wanted;
}

absl::Status SendTo(const ContactDetails& details, const std::string& kept_id, Order& order,
                    Transaction& tx) {
  const std::string before = order.recipient_contact_id();
  const bool is_buyers = before == order.customer_contact_id();
  ASSIGN_OR_RETURN(Contact recipient, tx.Get<Contact>(before));
  if (!is_buyers && details.name() == recipient.details().name()) {
    *recipient.mutable_details() = details;
    recipient.mutable_details()->set_phone(KeptPhone(details.phone(), details.country()));
    tx.Put(recipient);
    return kept_id.empty() ? absl::OkStatus() : EmptyContact(kept_id, tx);
  }
  order.set_recipient_contact_id(kept_id.empty() ? NewContact(order, details, tx) : kept_id);
  return is_buyers ? absl::OkStatus() : EmptyContact(before, tx);
}

}  // namespace makegood::rules
