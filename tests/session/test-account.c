/* test-account.c: what is remembered of an account, and where
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>

#include "leaks.h"
#include "tern-account.h"
#include "tern-credentials.h"
#include "tern-error.h"
#include "tern-login.h"

static char *folder;

static TernAccount *
make_account (const char *user_id)
{
  g_autoptr(TernServers) servers = tern_servers_new ("http://a", "http://b", "ws://c");
  TernAccount *account = tern_account_new (servers, user_id, "secret-token");

  account->pinned_sha256 = g_strdup ("00ff");

  return account;
}

/* The address and the certificate are kept, the token is not. */
static void
test_file (void)
{
  g_autoptr(TernAccount) first = make_account ("u1");
  g_autoptr(TernAccount) second = make_account ("u2 [x]\n=");
  g_autofree char *path = g_build_filename (folder, "accounts.ini", NULL);
  g_autofree char *text = NULL;
  g_autoptr(GPtrArray) loaded = NULL;
  g_autoptr(GPtrArray) rest = NULL;
  g_autoptr(GError) error = NULL;
  const TernAccount *account;
  struct stat info;

  g_assert_true (tern_accounts_save (folder, first, &error));
  g_assert_no_error (error);
  g_assert_true (tern_accounts_save (folder, second, &error));
  g_assert_no_error (error);
  g_assert_cmpint (stat (path, &info), ==, 0);
  g_assert_cmpint (info.st_mode & 0777, ==, 0600);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_null (strstr (text, "secret-token"));

  loaded = tern_accounts_load (folder, NULL);
  g_assert_cmpuint (loaded->len, ==, 2);
  for (guint i = 0; i < 2; i++)
    {
      account = loaded->pdata[i];
      g_assert_cmpstr (account->token, ==, "");
      g_assert_cmpstr (account->servers->api, ==, "http://b");
      g_assert_cmpstr (account->servers->ws, ==, "ws://c");
      g_assert_cmpstr (account->pinned_sha256, ==, "00ff");
    }
  g_assert_true (tern_accounts_forget (folder, second, &error));
  rest = tern_accounts_load (folder, NULL);
  g_assert_cmpuint (rest->len, ==, 1);
  account = rest->pdata[0];
  g_assert_cmpstr (account->user_id, ==, "u1");
}

static void
remove_damaged (void)
{
  g_autoptr(GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  guint n = 0;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      if (!g_str_has_prefix (name, "accounts.ini.damaged-"))
        continue;
      g_assert_cmpint (g_unlink (path), ==, 0);
      n++;
    }
  g_assert_cmpuint (n, ==, 3); /* each under a name of its own */
}

/* It is kept, and said: somebody may still want what is in it. */
static void
test_broken_file (void)
{
  static const char broken[] = "[known]\nuser=u9\n[[\xff\n===";
  g_autofree char *path = g_build_filename (folder, "accounts.ini", NULL);
  g_autoptr(TernAccount) account = make_account ("u1");
  g_autoptr(GPtrArray) none = NULL;
  g_autoptr(GPtrArray) one = NULL;

  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *aside = NULL;
      g_autofree char *kept = NULL;

      g_assert_true (g_file_set_contents (path, broken, -1, NULL));
      g_test_expect_message ("tern-session", G_LOG_LEVEL_MESSAGE, "*cannot be read*kept as*");
      g_clear_pointer (&none, g_ptr_array_unref);
      none = tern_accounts_load (folder, &aside);
      g_test_assert_expected_messages ();
      g_assert_cmpuint (none->len, ==, 0);
      g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
      g_assert_true (g_file_get_contents (aside, &kept, NULL, NULL));
      g_assert_cmpstr (kept, ==, broken);
    }

  /* Nor does saving write over it. */
  g_assert_true (g_file_set_contents (path, broken, -1, NULL));
  g_test_expect_message ("tern-session", G_LOG_LEVEL_MESSAGE, "*cannot be read*kept as*");
  g_assert_true (tern_accounts_save (folder, account, NULL));
  g_test_assert_expected_messages ();
  one = tern_accounts_load (folder, NULL);
  g_assert_cmpuint (one->len, ==, 1);
  remove_damaged ();
}

static void
test_folders (void)
{
  g_autoptr(TernAccount) one = make_account ("u1");
  g_autoptr(TernAccount) other = make_account ("u2");
  g_autofree char *path = tern_account_dup_folder (one, "/data");
  g_autofree char *same = tern_account_dup_folder (one, "/data");
  g_autofree char *different = tern_account_dup_folder (other, "/data");
  g_autofree char *usual = tern_account_dup_folder (one, NULL);
  g_autofree char *parent = g_path_get_dirname (usual);
  g_autofree char *name = g_path_get_basename (parent);
  /* sha256 ("http://b\nu1") */
  g_autofree char *digest = g_compute_checksum_for_string (G_CHECKSUM_SHA256, "http://b\nu1", -1);
  g_autofree char *expected = g_strdup_printf ("/data/%.16s", digest);

  g_assert_cmpstr (path, ==, expected);
  g_assert_cmpstr (path, ==, same);
  g_assert_cmpstr (path, !=, different);
  /* What is tried out does not touch what is used. */
  g_assert_cmpstr (name, ==,
                   g_str_equal (TERN_PROFILE, "development") ? "tern-devel" : "tern");
}

static void
test_phones (void)
{
  static const struct
  {
    const char *typed;
    const char *area;
    const char *number;
  } cases[] = {
    { "13800138000", "+86", "13800138000" },
    { "138-0013 8000", "+86", "13800138000" },
    { "+8613800138000", "+86", "13800138000" },
    { "+86 13800138000", "+86", "13800138000" },
    { "+86-138 0013 8000", "+86", "13800138000" },
    { "008613800138000", "+86", "13800138000" },
    { "+14155550123", "+1", "4155550123" },
    { "+1 415 555 0123", "+1", "4155550123" },
    { "+79161234567", "+7", "9161234567" },
    { "+4915112345678", "+49", "15112345678" },
    { "+85291234567", "+852", "91234567" },
    { "+35312345678", "+353", "12345678" },
    { "+886912345678", "+886", "912345678" },
    { "+971501234567", "+971", "501234567" },
    { "+86", "+86", "" },
    { "+", "+86", "" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *area = NULL;
      g_autofree char *number = NULL;

      tern_login_split_phone (cases[i].typed, &area, &number);
      g_test_message ("%s", cases[i].typed);
      g_assert_cmpstr (area, ==, cases[i].area);
      g_assert_cmpstr (number, ==, cases[i].number);
    }
}

static void
finished_cb (GObject      *object,
             GAsyncResult *result,
             gpointer      user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static GAsyncResult *
wait_for (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);

  return *result;
}

static char *
look_up (const TernAccount *account)
{
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;
  char *token;

  tern_credentials_lookup_async (account, finished_cb, &result);
  token = tern_credentials_lookup_finish (wait_for (&result), &error);
  g_assert_no_error (error);

  return token;
}

/* In libsecret's own file, or in a real keyring. */
static void
test_credentials (void)
{
  g_autoptr(TernAccount) account = make_account ("u1");
  g_autoptr(TernAccount) other = make_account ("u2");
  g_autoptr(GAsyncResult) stored = NULL;
  g_autoptr(GAsyncResult) cleared = NULL;
  g_autofree char *token = NULL;
  g_autoptr(GError) error = NULL;

  g_assert_null (look_up (account));
  /* libsecret loses the etag of a file that it will write again. */
  __lsan_disable ();
  tern_credentials_store_async (account, finished_cb, &stored);
  g_assert_true (tern_credentials_finish (wait_for (&stored), &error));
  __lsan_enable ();
  g_assert_no_error (error);
  token = look_up (account);
  g_assert_cmpstr (token, ==, "secret-token");
  g_assert_null (look_up (other));
  tern_credentials_clear_async (account, finished_cb, &cleared);
  g_assert_true (tern_credentials_finish (wait_for (&cleared), &error));
  g_assert_null (look_up (account));
}

static void
expect_failure (const TernAccount *account,
                int                code)
{
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;

  tern_credentials_lookup_async (account, finished_cb, &result);
  g_assert_null (tern_credentials_lookup_finish (wait_for (&result), &error));
  g_assert_error (error, TERN_ERROR, code);
}

static void
lock_keyring (GDBusConnection *bus)
{
  static const char *const objects[] = { "/org/freedesktop/secrets/aliases/default", NULL };
  g_autoptr(GVariant) reply = NULL;
  g_autoptr(GError) error = NULL;

  reply = g_dbus_connection_call_sync (bus, "org.freedesktop.secrets", "/org/freedesktop/secrets",
                                       "org.freedesktop.Secret.Service", "Lock",
                                       g_variant_new ("(^ao)", objects), NULL,
                                       G_DBUS_CALL_FLAGS_NONE, -1, NULL, &error);
  g_assert_no_error (error);
}

/* Not the same as a keyring without the token. */
static void
test_locked (void)
{
  g_autoptr(TernAccount) account = make_account ("u3");
  g_autoptr(TernAccount) other = make_account ("u4");
  g_autoptr(GAsyncResult) stored = NULL;
  g_autoptr(GAsyncResult) refused = NULL;
  g_autoptr(GDBusConnection) bus = NULL;
  g_autoptr(GError) error = NULL;

  if (g_getenv ("TERN_TEST_KEYRING") == NULL)
    {
      g_test_skip ("No keyring of its own");
      return;
    }

  tern_credentials_store_async (account, finished_cb, &stored);
  g_assert_true (tern_credentials_finish (wait_for (&stored), &error));
  g_assert_no_error (error);
  bus = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, &error);
  g_assert_no_error (error);
  lock_keyring (bus);
  expect_failure (account, TERN_ERROR_KEYRING_LOCKED);
  g_assert_null (look_up (other));
  tern_credentials_store_async (other, finished_cb, &refused);
  g_assert_false (tern_credentials_finish (wait_for (&refused), &error));
  g_assert_error (error, TERN_ERROR, TERN_ERROR_KEYRING_LOCKED);
}

static void
test_no_keyring (void)
{
  g_autoptr(TernAccount) account = make_account ("u1");

  if (g_getenv ("TERN_TEST_KEYRING") == NULL)
    {
      g_test_skip ("No keyring of its own");
      return;
    }
  if (g_test_subprocess ())
    {
      g_setenv ("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere", TRUE);
      expect_failure (account, TERN_ERROR_KEYRING);
      return;
    }

  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_passed ();
}

static const char prompter_xml[] =
  "<node><interface name='org.gnome.keyring.internal.Prompter'>"
  "<method name='BeginPrompting'><arg type='o' direction='in'/></method>"
  "</interface></node>";

/* The question is on the screen, and nobody has answered it yet. */
static void
asked_cb (GDBusConnection       *bus,
          const char            *sender,
          const char            *path,
          const char            *interface,
          const char            *method,
          GVariant              *parameters,
          GDBusMethodInvocation *invocation,
          gpointer               user_data)
{
  g_autoptr(GVariant) reply = NULL;
  g_autoptr(GError) error = NULL;
  guint32 pid;

  g_dbus_method_invocation_return_value (invocation, NULL);
  reply = g_dbus_connection_call_sync (bus, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                                       "org.freedesktop.DBus", "GetConnectionUnixProcessID",
                                       g_variant_new ("(s)", sender), NULL,
                                       G_DBUS_CALL_FLAGS_NONE, -1, NULL, &error);
  g_assert_no_error (error);
  g_variant_get (reply, "(u)", &pid);
  g_assert_cmpint (kill ((GPid) pid, SIGKILL), ==, 0);
}

/* Libsecret before 0.21 returns an error that is none. */
static gboolean
is_fatal_cb (const char     *domain,
             GLogLevelFlags  level,
             const char     *text,
             gpointer        unused)
{
  return g_strcmp0 (domain, "GLib-GIO") != 0;
}

/* The keyring dies while it asks for its password. The last test: then there is
 * none. */
static void
test_keyring_dies (void)
{
  static const GDBusInterfaceVTable vtable = { .method_call = asked_cb };
  g_autoptr(GDBusNodeInfo) info = g_dbus_node_info_new_for_xml (prompter_xml, NULL);
  g_autoptr(TernAccount) account = make_account ("u3");
  g_autoptr(GDBusConnection) bus = NULL;
  g_autoptr(GError) error = NULL;
  guint object_id;
  guint name_id;

  if (g_getenv ("TERN_TEST_KEYRING") == NULL)
    {
      g_test_skip ("No keyring of its own");
      return;
    }

  bus = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, &error);
  g_assert_no_error (error);
  object_id = g_dbus_connection_register_object (bus, "/org/gnome/keyring/Prompter",
                                                 info->interfaces[0], &vtable, NULL, NULL,
                                                 &error);
  g_assert_no_error (error);
  name_id = g_bus_own_name_on_connection (bus, "org.gnome.keyring.SystemPrompter",
                                          G_BUS_NAME_OWNER_FLAGS_REPLACE, NULL, NULL, NULL, NULL);
  lock_keyring (bus);
  g_test_log_set_fatal_handler (is_fatal_cb, NULL);
  expect_failure (account, TERN_ERROR_KEYRING);
  g_bus_unown_name (name_id);
  g_dbus_connection_unregister_object (bus, object_id);
}

static void
test_kinds (void)
{
  g_assert_cmpint (tern_login_guess_kind ("a@example.com"), ==, TERN_LOGIN_EMAIL);
  g_assert_cmpint (tern_login_guess_kind ("+8613800000000"), ==, TERN_LOGIN_PHONE);
  g_assert_cmpint (tern_login_guess_kind ("u1"), ==, TERN_LOGIN_ACCOUNT);
}

int
main (int   argc,
      char *argv[])
{
  g_autofree char *keyring = NULL;
  g_autofree char *accounts = NULL;
  int result;

  folder = g_dir_make_tmp ("tern-account-XXXXXX", NULL);
  keyring = g_build_filename (folder, "keyring", NULL);
  accounts = g_build_filename (folder, "accounts.ini", NULL);
  /* Beside a real keyring, that one is used. */
  if (g_getenv ("TERN_TEST_KEYRING") == NULL)
    g_setenv ("SECRET_BACKEND", "file", TRUE);
  g_setenv ("SECRET_FILE_TEST_PATH", keyring, TRUE);
  g_setenv ("SECRET_FILE_TEST_PASSWORD", "test", TRUE);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/account/file", test_file);
  g_test_add_func ("/account/broken-file", test_broken_file);
  g_test_add_func ("/login/phones", test_phones);
  g_test_add_func ("/account/folders", test_folders);
  g_test_add_func ("/credentials/keyring", test_credentials);
  g_test_add_func ("/credentials/locked", test_locked);
  g_test_add_func ("/credentials/no-keyring", test_no_keyring);
  g_test_add_func ("/login/kinds", test_kinds);
  g_test_add_func ("/credentials/dies", test_keyring_dies);
  result = g_test_run ();
  g_unlink (keyring);
  g_unlink (accounts);
  g_rmdir (folder);
  g_free (folder);

  return result;
}
