/* tern-server-params.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-server-params.h"

#include <errno.h>
#include <float.h>
#include <math.h>
#include <string.h>

/* Go stops at 10,000; this stops where a sanitizer's stack still holds. */
#define MAX_DEPTH 500
/* Each takes a hundred bytes and more; the real server counts none. */
#define MAX_VALUES 250000
/* Of one text, and of what of the body stands in an answer: it may come six
 * times as long, and in several copies. More than a message may have. */
#define MAX_TEXT_BYTES 65536

typedef struct
{
  const char *p;
  const char *end;
  char       *syntax;   /* ends the work at once */
  char       *mismatch; /* the first one; reading goes on, as Go does */
  GString    *path;     /* of field names */
  const char *owner;    /* "pkg.Name …" of the innermost object */
  guint       depth;
  guint       n_values;
} Decoder;

static JsonNode *decode_value (Decoder *self, const char *type);

/* --- types --- */

static const char *
skip_type (const char *type)
{
  guint depth = 0;

  for (;; type++)
    {
      if (*type == '[' || *type == '{')
        depth++;
      else if (*type == ']' || *type == '}')
        depth--;
      if (depth == 0 || *type == '\0')
        return *type == '\0' ? type : type + 1;
    }
}

/* The name as Go says it. */
static char *
dup_go_name (const char *type)
{
  g_autofree char *inner = NULL;

  switch (*type)
    {
    case 's': case 'S': return g_strdup ("string");
    case 'i': case 'I': return g_strdup ("int32");
    case 'n': return g_strdup ("uint32");
    case 'l': case 'L': return g_strdup ("int64");
    case 'u': return g_strdup ("uint64");
    case 'b': case 'B': return g_strdup ("bool");
    case 'f': return g_strdup ("float64");
    case 'm': return g_strdup ("map[string]string");
    case '[':
      inner = dup_go_name (type + 1);
      return g_strconcat ("[]", inner, NULL);
    default:
      return g_strndup (type + 1, strcspn (type + 1, " "));
    }
}

/* The type of the field @name among @fields, and its own spelling. */
static const char *
find_field (const char  *fields,
            const char  *name,
            char       **spelling)
{
  const char *folded = NULL;
  gsize folded_len = 0;

  while (*fields != '\0' && *fields != '}')
    {
      gsize len = strcspn (fields, ":");

      if (strlen (name) == len && strncmp (fields, name, len) == 0)
        {
          *spelling = g_strdup (name);
          return fields + len + 1;
        }
      if (folded == NULL && strlen (name) == len && g_ascii_strncasecmp (fields, name, len) == 0)
        {
          folded = fields;
          folded_len = len;
        }
      fields = skip_type (fields + len + 1);
      if (*fields == ',')
        fields++;
    }
  if (folded == NULL)
    return NULL;

  *spelling = g_strndup (folded, folded_len);

  return folded + folded_len + 1;
}

/* --- syntax --- */

static gboolean
fail_end (Decoder *self)
{
  if (self->syntax == NULL)
    self->syntax = g_strdup ("unexpected end of JSON input");

  return FALSE;
}

/* The character at hand is wrong. */
static gboolean
fail_at (Decoder    *self,
         const char *context)
{
  guchar c;
  g_autofree char *shown = NULL;

  if (self->p >= self->end)
    return fail_end (self);
  if (self->syntax != NULL)
    return FALSE;

  c = (guchar) *self->p;
  if (c == '\'')
    shown = g_strdup ("\\'");
  else if (c == '\n' || c == '\r' || c == '\t' || c == '\\')
    shown = g_strdup_printf ("\\%c", c == '\n' ? 'n' : c == '\r' ? 'r' : c == '\t' ? 't' : '\\');
  else if (c < 0x20 || (c >= 0x7f && c <= 0xa0) || c == 0xad)
    shown = g_strdup_printf (c < 0x80 ? "\\x%02x" : "\\u%04x", c);
  else
    {
      char buffer[7] = "";

      buffer[g_unichar_to_utf8 (c, buffer)] = '\0';
      shown = g_strdup (buffer);
    }
  self->syntax = g_strdup_printf ("invalid character '%s' %s", shown, context);

  return FALSE;
}

static void
skip_space (Decoder *self)
{
  while (self->p < self->end && strchr (" \t\r\n", *self->p) != NULL && *self->p != '\0')
    self->p++;
}

static gboolean
take (Decoder *self,
      char     c)
{
  if (self->p >= self->end || *self->p != c)
    return FALSE;

  self->p++;

  return TRUE;
}

static gboolean
check_size (Decoder *self,
            gsize    size)
{
  if (size > MAX_TEXT_BYTES && self->syntax == NULL)
    self->syntax = g_strdup ("too long a text");

  return size <= MAX_TEXT_BYTES;
}

static gboolean
read_hex (Decoder *self,
          guint   *value)
{
  *value = 0;
  for (guint i = 0; i < 4; i++, self->p++)
    {
      if (self->p >= self->end || !g_ascii_isxdigit (*self->p))
        return fail_at (self, "in \\u hexadecimal character escape");
      *value = *value * 16 + (guint) g_ascii_xdigit_value (*self->p);
    }

  return TRUE;
}

static gboolean
read_escape (Decoder *self,
             GString *out)
{
  static const char from[] = "\"\\/bfnrt";
  static const char to[] = "\"\\/\b\f\n\r\t";
  const char *at;
  guint value, low;

  if (self->p < self->end && *self->p != '\0' && (at = strchr (from, *self->p)) != NULL)
    {
      g_string_append_c (out, to[at - from]);
      self->p++;
      return TRUE;
    }
  if (!take (self, 'u'))
    return fail_at (self, "in string escape code");
  if (!read_hex (self, &value))
    return FALSE;
  if (value >= 0xd800 && value < 0xdc00 && self->end - self->p >= 2 && self->p[0] == '\\' &&
      self->p[1] == 'u')
    {
      self->p += 2;
      if (!read_hex (self, &low))
        return FALSE;
      if (low >= 0xdc00 && low < 0xe000)
        value = 0x10000 + ((value - 0xd800) << 10) + (low - 0xdc00);
      else
        {
          g_string_append_unichar (out, 0xfffd);
          value = low;
        }
    }
  /* A NUL, which a C text cannot hold, becomes what a lone surrogate does. */
  g_string_append_unichar (out, value == 0 || (value >= 0xd800 && value < 0xe000) ? 0xfffd : value);

  return TRUE;
}

/* At the opening quote. */
static char *
read_string (Decoder *self)
{
  g_autoptr(GString) out = g_string_new (NULL);

  self->p++;
  for (;;)
    {
      const char *start = self->p;

      while (self->p < self->end && *self->p != '"' && *self->p != '\\' &&
             (guchar) *self->p >= 0x20)
        self->p++;
      g_string_append_len (out, start, self->p - start);
      if (self->p >= self->end || (guchar) *self->p < 0x20)
        {
          fail_at (self, "in string literal");
          return NULL;
        }
      if (take (self, '"'))
        return check_size (self, out->len) ? g_utf8_make_valid (out->str, (gssize) out->len)
                                           : NULL;
      self->p++;
      if (!read_escape (self, out))
        return NULL;
    }
}

static gboolean
read_digits (Decoder    *self,
             const char *context)
{
  if (self->p >= self->end || !g_ascii_isdigit (*self->p))
    return fail_at (self, context);
  while (self->p < self->end && g_ascii_isdigit (*self->p))
    self->p++;

  return TRUE;
}

static gboolean
read_number (Decoder *self)
{
  take (self, '-');
  if (!take (self, '0') && !read_digits (self, "in numeric literal"))
    return FALSE;
  if (take (self, '.') && !read_digits (self, "after decimal point in numeric literal"))
    return FALSE;
  if (self->p < self->end && (*self->p == 'e' || *self->p == 'E'))
    {
      self->p++;
      if (!take (self, '+'))
        take (self, '-');
      return read_digits (self, "in exponent of numeric literal");
    }

  return TRUE;
}

static gboolean
read_word (Decoder    *self,
           const char *word)
{
  for (const char *c = word; *c != '\0'; c++)
    {
      if (!take (self, *c))
        {
          g_autofree char *context = g_strdup_printf ("in literal %s (expecting '%c')", word, *c);

          return fail_at (self, context);
        }
    }

  return TRUE;
}

/* --- types against values --- */

static void
mismatch (Decoder    *self,
          const char *type,
          const char *value)
{
  g_autofree char *wanted = dup_go_name (type);
  const char *name = strchr (self->owner, '.') + 1;

  if (self->mismatch != NULL)
    return;
  if (self->path->len == 0)
    self->mismatch = g_strdup_printf ("json: cannot unmarshal %s into Go value of type %s", value,
                                      wanted);
  else
    self->mismatch =
      g_strdup_printf ("json: cannot unmarshal %s into Go struct field %.*s.%s of type %s", value,
                       (int) strcspn (name, " "), name, self->path->str, wanted);
}

/* The wrappers have a parser of their own, which ends the work. */
static void
bad_wrapper (Decoder    *self,
             const char *function,
             const char *literal,
             gsize       size)
{
  g_autofree char *text = NULL;
  g_autofree char *escaped = NULL;

  if (self->syntax != NULL || self->mismatch != NULL || !check_size (self, size))
    return;

  text = g_strndup (literal, size);
  escaped = g_strescape (text, NULL);
  self->mismatch = g_strdup_printf ("strconv.%s: parsing \"%s\": invalid syntax", function,
                                    escaped);
}

/* json-glib writes 1e20 as 1e+20.0, which is no JSON: it becomes a neighbour. */
static double
make_writable (double real)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE] = "";

  g_ascii_dtostr (text, sizeof text, real);

  return strchr (text, 'e') != NULL && strchr (text, '.') == NULL ? real * (1 - DBL_EPSILON) : real;
}

/* A number without a type of its own is a float64 to Go: what no float64 can be is
 * none. Whole ones keep all their digits as long as they can. */
static JsonNode *
make_free_number (Decoder    *self,
                  const char *literal,
                  gboolean    is_whole)
{
  g_autofree char *what = g_strdup_printf ("number %s", literal);
  gint64 number;
  double real;

  errno = 0;
  number = g_ascii_strtoll (literal, NULL, 10);
  if (is_whole && errno == 0)
    return json_node_init_int (json_node_alloc (), number);
  real = g_ascii_strtod (literal, NULL);
  if (isfinite (real))
    return json_node_init_double (json_node_alloc (), make_writable (real));

  mismatch (self, "f", what);

  return NULL;
}

static JsonNode *
make_number (Decoder    *self,
             const char *type,
             const char *literal)
{
  g_autofree char *what = g_strdup_printf ("number %s", literal);
  gboolean is_whole = strpbrk (literal, ".eE") == NULL;
  gint64 number = 0;

  if (*type == '*' || *type == 'f')
    return make_free_number (self, literal, is_whole);
  if (*type == 'u' || *type == 'n')
    {
      errno = 0;
      number = (gint64) g_ascii_strtoull (literal, NULL, 10);
      is_whole = is_whole && *literal != '-' && errno == 0 &&
                 (*type == 'u' || (guint64) number <= G_MAXUINT32);
    }
  else if (strchr ("ilIL", *type) != NULL)
    {
      errno = 0;
      number = g_ascii_strtoll (literal, NULL, 10);
      is_whole = is_whole && errno == 0 &&
                 (*type == 'l' || *type == 'L' || (number >= G_MININT32 && number <= G_MAXINT32));
    }
  else
    {
      mismatch (self, type, "number");
      return NULL;
    }
  if (!is_whole)
    {
      if (*type == 'I' || *type == 'L')
        bad_wrapper (self, "ParseInt", literal, strlen (literal));
      else
        mismatch (self, type, what);
      return NULL;
    }

  return json_node_init_int (json_node_alloc (), number);
}

static JsonNode *
decode_number (Decoder    *self,
               const char *type)
{
  const char *start = self->p;
  g_autofree char *literal = NULL;

  if (!read_number (self) || !check_size (self, (gsize) (self->p - start)))
    return NULL;
  literal = g_strndup (start, (gsize) (self->p - start));
  if (*type == 'B' && (strcmp (literal, "0") == 0 || strcmp (literal, "1") == 0))
    return json_node_init_boolean (json_node_alloc (), *literal == '1');
  if (*type == 'B')
    {
      bad_wrapper (self, "ParseBool", literal, strlen (literal));
      return NULL;
    }

  return make_number (self, type, literal);
}

static JsonNode *
decode_word (Decoder    *self,
             const char *type,
             const char *word)
{
  if (!read_word (self, word) || *word == 'n')
    return NULL;
  if (strchr ("bB*", *type) != NULL)
    return json_node_init_boolean (json_node_alloc (), *word == 't');
  if (*type == 'I' || *type == 'L')
    bad_wrapper (self, "ParseInt", word, strlen (word));
  else
    mismatch (self, type, "bool");

  return NULL;
}

static JsonNode *
decode_string (Decoder    *self,
               const char *type)
{
  const char *start = self->p;
  g_autofree char *text = read_string (self);

  if (text == NULL)
    return NULL;
  if (strchr ("sS*", *type) != NULL)
    return json_node_init_string (json_node_alloc (), text);
  if (strchr ("ILB", *type) != NULL)
    bad_wrapper (self, *type == 'B' ? "ParseBool" : "ParseInt", start, (gsize) (self->p - start));
  else
    mismatch (self, type, "string");

  return NULL;
}

/* What a null within a list, a map or free JSON stands for. */
static JsonNode *
make_null (Decoder    *self,
           const char *type)
{
  if (self->syntax != NULL)
    return NULL;

  switch (*type)
    {
    case 's': return json_node_init_string (json_node_alloc (), "");
    case 'i': case 'l': return json_node_init_int (json_node_alloc (), 0);
    case '*': return json_node_init_null (json_node_alloc ());
    default: return NULL;
    }
}

static JsonNode *
decode_list (Decoder    *self,
             const char *type)
{
  g_autoptr(JsonArray) array = json_array_new ();
  gboolean is_list = *type == '[' || *type == '*';
  const char *element = *type == '[' ? type + 1 : "*";

  if (!is_list)
    mismatch (self, type, "array");
  self->p++;
  skip_space (self);
  if (!take (self, ']'))
    {
      for (;;)
        {
          JsonNode *node = decode_value (self, element);

          if (node == NULL)
            node = make_null (self, element);
          if (node != NULL)
            json_array_add_element (array, node);
          skip_space (self);
          if (self->syntax != NULL || take (self, ']'))
            break;
          if (!take (self, ','))
            {
              fail_at (self, "after array element");
              break;
            }
        }
    }
  if (self->syntax != NULL || !is_list)
    return NULL;

  return json_node_init_array (json_node_alloc (), array);
}

/* A key, a colon and the value; the object's own if it is asked for. */
static gboolean
decode_member (Decoder    *self,
               const char *type,
               JsonObject *object)
{
  g_autofree char *name = NULL;
  g_autofree char *spelling = NULL;
  const char *field = "*";
  gsize path_len = self->path->len;
  gboolean is_good = self->mismatch == NULL;
  JsonNode *node;

  skip_space (self);
  if (self->p >= self->end || *self->p != '"')
    return fail_at (self, "looking for beginning of object key string");
  name = read_string (self);
  if (name == NULL)
    return FALSE;
  skip_space (self);
  if (!take (self, ':'))
    return fail_at (self, "after object key");

  if (*type == '{')
    field = find_field (strchr (type, ' ') + 1, name, &spelling);
  else if (*type == 'm')
    field = "s";
  if (spelling != NULL)
    g_string_append_printf (self->path, "%s%s", path_len > 0 ? "." : "", spelling);
  node = decode_value (self, field != NULL ? field : "*");
  if (node == NULL && *type != '{')
    node = make_null (self, field);
  g_string_truncate (self->path, path_len);
  if (field == NULL && is_good) /* nobody looks at it */
    g_clear_pointer (&self->mismatch, g_free);
  if (node == NULL)
    return self->syntax == NULL;

  if (field != NULL)
    json_object_set_member (object, spelling != NULL ? spelling : name, node);
  else
    json_node_unref (node);

  return TRUE;
}

static JsonNode *
decode_object (Decoder    *self,
               const char *type)
{
  g_autoptr(JsonObject) object = json_object_new ();
  const char *start = self->p;
  const char *owner = self->owner;
  gboolean is_object = strchr ("{m*", *type) != NULL;

  if (!is_object && strchr ("ILB", *type) == NULL)
    mismatch (self, type, "object");
  if (*type == '{')
    self->owner = type + 1;
  self->p++;
  skip_space (self);
  if (!take (self, '}'))
    {
      for (;;)
        {
          if (!decode_member (self, is_object ? type : "*", object))
            break;
          skip_space (self);
          if (take (self, '}'))
            break;
          if (!take (self, ','))
            {
              fail_at (self, "after object key:value pair");
              break;
            }
        }
    }
  self->owner = owner;
  if (self->syntax != NULL)
    return NULL;
  if (!is_object)
    {
      if (strchr ("ILB", *type) != NULL)
        bad_wrapper (self, *type == 'B' ? "ParseBool" : "ParseInt", start,
                     (gsize) (self->p - start));
      return NULL;
    }

  return json_node_init_object (json_node_alloc (), object);
}

static JsonNode *
decode_value (Decoder    *self,
              const char *type)
{
  JsonNode *node = NULL;

  skip_space (self);
  if (self->p >= self->end)
    {
      fail_end (self);
      return NULL;
    }
  if (++self->depth > MAX_DEPTH || ++self->n_values > MAX_VALUES)
    {
      if (self->syntax == NULL)
        self->syntax = g_strdup (self->depth > MAX_DEPTH ? "exceeded max depth"
                                                         : "too many values");
      return NULL;
    }
  switch (*self->p)
    {
    case '{': node = decode_object (self, type); break;
    case '[': node = decode_list (self, type); break;
    case '"': node = decode_string (self, type); break;
    case 't': node = decode_word (self, type, "true"); break;
    case 'f': node = decode_word (self, type, "false"); break;
    case 'n': node = decode_word (self, type, "null"); break;
    default:
      if (*self->p == '-' || g_ascii_isdigit (*self->p))
        node = decode_number (self, type);
      else
        fail_at (self, "looking for beginning of value");
      break;
    }
  self->depth--;

  return node;
}

/**
 * tern_server_params_decode:
 * @type: what is expected
 * @text: (array length=size): a body from anywhere
 * @size: its length
 * @failure: (out): what Go would say
 *
 * Returns: (transfer full) (nullable): an object
 */
JsonNode *
tern_server_params_decode (const char  *type,
                           const char  *text,
                           gsize        size,
                           char       **failure)
{
  g_autoptr(GString) path = g_string_new (NULL);
  g_autofree char *object = g_strdup_printf ("{%s}", type);
  Decoder self = { .p = text, .end = text + size, .path = path, .owner = object + 1 };
  JsonNode *node = decode_value (&self, object);

  skip_space (&self);
  if (self.syntax == NULL && self.p < self.end)
    fail_at (&self, "after top-level value");
  *failure = self.syntax != NULL ? self.syntax : self.mismatch;
  if (self.syntax != NULL)
    g_free (self.mismatch);
  if (*failure != NULL)
    {
      g_clear_pointer (&node, json_node_unref);
      return NULL;
    }
  if (node == NULL) /* null counts as {} */
    {
      node = json_node_new (JSON_NODE_OBJECT);
      json_node_take_object (node, json_object_new ());
    }

  return node;
}
