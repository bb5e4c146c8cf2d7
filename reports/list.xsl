<?xml version="1.0" encoding="UTF-8"?>
<!--
  The rows behind a figure: what they have in common, then they.
-->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
 xmlns:ev="urn:reeve:evidence:1" exclude-result-prefixes="ev">
<xsl:import href="common.xsl"/>

<xsl:template match="ev:input" mode="title">
 <xsl:call-template name="title"><xsl:with-param name="class" select="ev:list/@class"/></xsl:call-template>
</xsl:template>

<!-- One condition: a column's title and the value that it must have. -->
<xsl:template name="condition">
 <xsl:param name="column"/>
 <xsl:param name="value"/>
 <dt>
  <xsl:call-template name="title"><xsl:with-param name="class" select="/ev:input/ev:list/@class"/><xsl:with-param name="column" select="$column"/></xsl:call-template>
 </dt>
 <dd>
  <xsl:call-template name="value">
   <xsl:with-param name="class" select="/ev:input/ev:list/@class"/>
   <xsl:with-param name="column" select="$column"/>
   <xsl:with-param name="value" select="$value"/>
  </xsl:call-template>
 </dd>
</xsl:template>

<xsl:template name="links">
 <xsl:param name="page" select="1"/>
 <xsl:if test="$page &lt;= @pages">
  <li>
   <a>
    <xsl:attribute name="href">
     <xsl:value-of select="@name"/>
     <xsl:if test="$page &gt; 1"><xsl:value-of select="concat('-', $page)"/></xsl:if>
     <xsl:text>.html</xsl:text>
    </xsl:attribute>
    <xsl:if test="$page = @page"><xsl:attribute name="aria-current">page</xsl:attribute></xsl:if>
    <xsl:value-of select="$page"/>
   </a>
  </li>
  <xsl:call-template name="links"><xsl:with-param name="page" select="$page + 1"/></xsl:call-template>
 </xsl:if>
</xsl:template>

<xsl:template match="ev:input" mode="body">
 <xsl:variable name="list" select="ev:list"/>
 <h1><xsl:apply-templates select="." mode="title"/></h1>
 <xsl:if test="$list/ev:where">
  <dl class="facts">
   <xsl:for-each select="$list/ev:where">
    <xsl:call-template name="condition"><xsl:with-param name="column" select="@column"/><xsl:with-param name="value" select="@value"/></xsl:call-template>
   </xsl:for-each>
  </dl>
 </xsl:if>
 <p>
  <xsl:call-template name="t"><xsl:with-param name="key">list.rows</xsl:with-param></xsl:call-template>
  <xsl:text> </xsl:text>
  <span class="figure" data-list="{$list/@tally}" data-cell="{$list/@name}" data-value="{ev:rows/@total}">
   <xsl:call-template name="count"><xsl:with-param name="value" select="ev:rows/@total"/></xsl:call-template>
  </span>
  <xsl:text> · </xsl:text>
  <xsl:call-template name="t"><xsl:with-param name="key">list.all</xsl:with-param></xsl:call-template>
  <xsl:text> </xsl:text>
  <a href="{@root}../tables/{$list/@class}.csv"><xsl:value-of select="concat($list/@class, '.csv')"/></a>
 </p>
 <xsl:if test="ev:rows/@total &gt; $list/@limit">
  <p class="caution"><xsl:call-template name="t"><xsl:with-param name="key">list.cut</xsl:with-param></xsl:call-template></p>
 </xsl:if>
 <xsl:variable name="caption">
  <xsl:apply-templates select="." mode="title"/>
  <xsl:value-of select="concat(' · ', $list/@page, ' / ', $list/@pages)"/>
 </xsl:variable>
 <xsl:call-template name="table">
  <xsl:with-param name="class" select="$list/@class"/>
  <xsl:with-param name="rows" select="ev:rows/*"/>
  <xsl:with-param name="caption" select="string($caption)"/>
 </xsl:call-template>
 <xsl:if test="$list/@pages &gt; 1">
  <nav>
   <xsl:attribute name="aria-label"><xsl:call-template name="t"><xsl:with-param name="key">list.pages</xsl:with-param></xsl:call-template></xsl:attribute>
   <ul><xsl:for-each select="$list"><xsl:call-template name="links"/></xsl:for-each></ul>
  </nav>
 </xsl:if>
</xsl:template>
</xsl:stylesheet>
